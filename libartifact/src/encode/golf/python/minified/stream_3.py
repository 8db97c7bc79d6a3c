import numpy as np
def D(C):
	D=np.frexp(C)[1]-1;A=np.ldexp(C*1.,31-D).astype('Q');B=D.astype('q')
	for F in range(16):A=A*A>>np.uint64(31);E=A>>np.uint64(32);A>>=E;B=2*B+E.astype('q')
	return B
def A(B):
	A=0*B+(1<<31)
	for C in range(16):D=int(2**(31-.5**(C+1))+.5);A=np.where(B>>15-C&1,A*D>>31,A)
	return A>>np.minimum(B>>16,63)
T=A(851968+4096*np.arange(177)).astype('i')
def X(B):F=np.array([5983,25283,46341,76262,92682,107266,112727,116836])[B];G=(2,3,4,6,8,12,16,32)[B];H=D(64*np.arange(8192)+32)-D(F);C=np.append(0,np.cumsum(A(A(np.maximum(983040-(H*G>>2)-34655,0)))));E=np.minimum(C*65535//(2*C[-1]),32767);return np.append(32767-E[::-1],32768+E[1:]).astype('I')
from collections import defaultdict
def varint(B):A=next(B);return A if A<128 else A-128+128*varint(B)
def S(H):
	A=C=0;D=2**32-1
	for E in range(4):C=C<<8|next(H)
	def B(E):
		nonlocal A,D,C;B,F=E;G=A+((D-A)*(32 if B<32 else 65504 if B>65504 else B)>>16)
		if C>G:A=G+1;I=0;E[0]=B+(-B*(131072//(2*F+3))>>16)
		else:D=G;I=1;E[0]=B+((65535-B)*(131072//(2*F+3))>>16)
		if F<60:E[1]=F+1
		while A>>24==D>>24:A=A<<8&4294967295;D=D<<8&4294967295|255;C=C<<8&4294967295|next(H)
		return I
	return B
def F():return defaultdict(lambda:[32768,0])
def B(B,C):
	A=0
	for D in range(C):A=2*A+B([32768,0])
	return A
def J(B,C,D,E):
	A=1
	for F in range(E):A=2*A+B(C[D+A])
	return A
def M(D,M,N):
	E=F();G=H=I=J=0;K=[]
	for P in range(M):
		A=127
		if N:I=D(E[3+I])
		if not I:
			A=B=min(max(H+8>>4,-100),100)
			if D(E[G]):
				L=B<100 and(B<-99 or D(E[5+G]));C=1;O=100-B if L else 100+B
				while C<O and D(E[7+min(C,24)]):C+=1
				A+=C if L else-C
			G=min(abs(A-B),2);H+=16*A-H>>J;J=2
		K.append(A)
	return np.array(K)
def V(H,E,C):
	F=D=0
	for B in range(C,-1,-1):
		A=1
		for G in range(7,-1,-1):A=2*A+H(E[B,F,A]if B==C or G>4 else E[B,G])
		D=256*D+A-256;F=A&3 if B==C else 0
	return D
def W(D):
	K=F();E=8192;C=128
	def A(L):
		nonlocal E,C;A=0;G=[]
		for M in L:
			H=max(C.bit_length()-3,0);I=J(D,K,0,8);F=(I-384<<H)+B(D,H)if I<511 else(B(D,16)^32768)-32768;G.append(E-M+F&65535);A=min(A+1,32);E+=int(F/A)
			if A>1:C+=int((abs(F)-C)/A)
		return G
	return A
def Y(C,B):
	D=np.frombuffer(C,'B',5*B).reshape(B,5)@256**np.arange(5);G=np.frombuffer(C[5*B:],'H');A=0
	def E(A):return D[:A]&65535
	def F(E,H,I):nonlocal A;F=len(E);B=I*(D[:F]>>16)+E-H;C=np.flatnonzero(B<1<<24);B[C]=B[C]<<16|G[A:A+len(C)];D[:F]=B;A+=len(C)
	return E,F
def U(A,B,C):
	def D(B,C,D):return A.take((16*B-8-C)*D+4194304>>9,mode='clip')
	def E(A,F,G,H,I,J):E=((D(A,F,G)-I)*J>>16).astype('i');E+=A-B+H;return np.where(A>C,65536,E*(A>B))
	return D,E,65535-C+B
def Z(S,V,J,K,L,A,D,W,M):
	X,Y=S;N=min(max(A.min()+D.min(),0),176);Z=min(max(A.max()+D.max(),0),176);E=np.arange(N,Z+1);B=np.arange(J,K+2);f,a,b=U(V,J,K);C=a(np.tile(B,(len(E),1)),0,T[E][:,None],L,0,b-2*L);C=np.vstack([C,np.where(B>0,65536,0)]);F=np.diff(C).ravel();B=np.tile(B[:-1].astype('b'),len(C));c=np.repeat(np.arange(len(F)).astype('H'),F);d=C[:,:-1].ravel();O=np.empty((len(D),len(A)),'b')
	for P in range(0,len(A),1<<M):
		G=slice(P,P+(1<<M));H=np.clip(D[:,None]+A[G],0,176)-N;H[:,W[G]]=len(E);H<<=16
		for(e,Q)in enumerate(H):R=X(len(Q));I=c[Q|R];Y(R,d[I],F[I]);O[e,G]=B[I]
	return O
def k(K,E,P,F,H,I,L,M,N):
	G=np.arange(len(F));D=np.floor(H/16+P[F]/I+.5).astype('i');D=np.minimum(np.maximum(D,E[0]),E[-2]);C=K(D+np.arange(-1,3)[:,None],H,I,L,M,N);A=(C<=F).sum(0);B=np.flatnonzero(A&3==0);A[B]=1;D+=A-2;O=C[A,G];C=C[A-1,G]
	if len(B):Q=np.broadcast_arrays(H,I,L,M,N);J=K(E[:,None],*(A[B]for A in Q));A=(J<=F[B]).sum(0);D[B]=A-1+E[0];O[B]=J[A,G[:len(B)]];C[B]=J[A-1,G[:len(B)]]
	return D,C,O-C
def G(A,B):A=(A+(1<<B-1)).astype('q').astype('i')>>B;return np.minimum(np.maximum(A,-2048),2047)
def l(G,H,I,W,Q):
	J=G.diagonal().astype('q');E=len(J);K=Q or E;O=26-int(max((J+J*I//H).max(),1)).bit_length();R=np.floor(np.ldexp(G,O)).astype('q');C=0*G;L=np.zeros((2,E,E));M=np.ones(E,int)
	for A in range(E):
		B=R[A:,A].copy();B[0]=S=min(B[0]+B[0]*I//H,2**27-1);F=min(A&-64,K)
		if A%64<1:T=L[:,A:,:F]@C[A:A+64,:F].T
		P=min(A,K);N=T[:,A%64:,A%64]+L[:,A:,F:P]@C[A,F:P];N=N.astype('q').astype('i');B=np.clip(B-(np.dot([4096,1],N)>>14),1-2**27,2**27-1);M[A]=max(B[0],S>>8,1)
		if A>=K:continue
		L[:,A:,A]=B>>12,B&4095;C[A:,A]=np.clip(np.trunc(B*16384/M[A]),-32767,32767)
	C=np.tril(C,-1);U=D(M)-(O<<16);V=U-D(np.int64(H+I));return C,np.clip(V+4096>>13,-48,128)
def m(C,H,A):
	D=np.empty((len(C),A));E=0
	def B(B):
		nonlocal E;A=B&-32
		if B==A:E=C[A:A+32,:A]@D[:A]
		F=C[B,A:B]@D[A:B]+E[B-A];return G(F,14)
	def F(A,C,B):D[A]=B
	return B,F
def a(n,A6,A7,o,p,q,V,W,F,X,Y,r,G):
	s,t=p;A8,Z,a=U(q,V,W);H,u,v,A9,AA,AB,AC,AD=o;I=len(X);A=len(Y);w=M(n,(I-1>>G)+1,0)if H else np.zeros(I,int);N=np.arange(V,W+2);b=np.empty((A,I),'b');J=B=0;O,C=np.zeros((A,A)),0;c=0*O;d=np.zeros(A,int)
	for P in range(0,I,1<<G):
		if C>B and C-B>=max(J+A,B)>>v:B=C;c,d=l(O,C,u,H,J)
		Q=slice(P,P+(1<<G));e=X[Q]+w[P>>G]+(d+Y)[:,None];f=T.take(e,mode='clip');D=e.shape[1];R=np.flatnonzero(r[Q]);g=int(np.median(f[A//2]));K=Z(N,0,g,F%480,0,a-2*(F%480));x=(np.interp(np.arange(65536),K,N)-.5)*g;S=np.empty((A,D));y,z=m(c,H,D);A0=0;A1=F;A2=a-2*F
		for E in range(A):
			h=y(E)if B and not J else np.zeros(D,'i');A3=h;A4=f[E];i=s(D);L,K,j=k(Z,N,x,i,A3,A4,A1,A0,A2);L[R]=K[R]=0;j[R]=65536;t(i,K,j);b[E,Q]=S[E]=L;A5=16*L-h
			if not J:z(E,L,A5)
		if H:O+=S@S.T;C+=D
	return b
import operator as b
def c(A,Y,H,k,b):
	E=B(A,8)-128;I=B(A,8)-128;L=int(np.prod(H));C=H[0]if H[1:]else L;D=L//C
	if E==I:return np.full((C,D),E,'b')
	J=B(A,1)
	if J:C,D=D,C
	c=X(B(A,3));N=32*B(A,4);O=B(A,8);d=B(A,4);P=B(A,2);Q=B(A,2);F=B(A,2);R=S=T=U=e=f=g=h=0
	if F:R=B(A,16);S=B(A,2)+1;T=B(A,1);U=B(A,2)
	if 0<F<3:f=B(A,1)
	G=M(A,C,E<=0<=I)if P else np.zeros(C,int);V=G==127;G=O+np.where(V,0,G+h<<P);i=M(A,D,0)<<Q if Q else np.zeros(D,int);W=Y,c,E,I,N,G,i,V,d
	if F or N>479:j=F,R,S,T,U,e,g,b;K=a(A,J,O,j,*W)
	else:K=Z(*W)
	return K if J else K.T
def d(B):A=(B.astype('i')**2).sum(1);return np.where(A,D(np.maximum(A,1))>>7,0).tolist()
def stream(L,M):
	B=iter(L);next(B);E=1<<next(B);G=4
	for(A,C)in M:
		G+=varint(B)
		if A.itemsize*np.prod(C)and A.itemsize<2:varint(B)
	N=L[-b.length_hint(B):];H=S(iter(N[:G]));E=Y(N[G:],E);T=W(H);U=defaultdict(F);X=[];Z={};I=[];O=[]
	for(A,C)in M:
		D=A.itemsize;J=int(np.prod(C));P=[];K=np.empty(0,A)
		if D>1:
			if D==2 and J==len(I):Q=T(I)
			else:Q=[V(H,U[D],D-1)for A in range(J)]
			K=np.frombuffer(b''.join(A.to_bytes(D,'little')for A in Q),A)
		elif J:R=c(H,E,C,X,Z);P=d(R);K=np.ascontiguousarray(R).view(A)
		I=P;O.append(K.reshape(C))
	return O
