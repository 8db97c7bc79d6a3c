import numpy as np
def B(C):
	D=np.frexp(C)[1]-1;A=np.ldexp(C*1.,31-D).astype('Q');B=D.astype('q')
	for F in range(16):A=A*A>>np.uint64(31);E=A>>np.uint64(32);A>>=E;B=2*B+E.astype('q')
	return B
def C(B):
	A=0*B+(1<<31)
	for C in range(16):D=int(2**(31-.5**(C+1))+.5);A=np.where(B>>15-C&1,A*D>>31,A)
	return A>>np.minimum(B>>16,63)
W=C(851968+4096*np.arange(177)).astype('i')
def b(A):F=np.array([5983,25283,46341,76262,92682,107266,112727,116836])[A];G=(2,3,4,6,8,12,16,32)[A];H=B(64*np.arange(8192)+32)-B(F);D=np.append(0,np.cumsum(C(C(np.maximum(983040-(H*G>>2)-34655,0)))));E=np.minimum(D*65535//(2*D[-1]),32767);return np.append(32767-E[::-1],32768+E[1:]).astype('I')
from collections import defaultdict
def varint(B):A=next(B);return A if A<128 else A-128+128*varint(B)
def T(H):
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
def E():return defaultdict(lambda:[32768,0])
def A(B,C):
	A=0
	for D in range(C):A=2*A+B([32768,0])
	return A
def G(B,C,D,E):
	A=1
	for F in range(E):A=2*A+B(C[D+A])
	return A
def X(D,M,N):
	F=E();G=H=I=J=0;K=[]
	for P in range(M):
		A=127
		if N:I=D(F[3+I])
		if not I:
			A=B=min(max(H+8>>4,-100),100)
			if D(F[G]):
				L=B<100 and(B<-99 or D(F[5+G]));C=1;O=100-B if L else 100+B
				while C<O and D(F[7+min(C,24)]):C+=1
				A+=C if L else-C
			G=min(abs(A-B),2);H+=16*A-H>>J;J=2
		K.append(A)
	return np.array(K)
def U(H,E,C):
	F=D=0
	for B in range(C,-1,-1):
		A=1
		for G in range(7,-1,-1):A=2*A+H(E[B,F,A]if B==C or G>4 else E[B,G])
		D=256*D+A-256;F=A&3 if B==C else 0
	return D
def V(D):
	K=E();F=8192;C=128
	def B(L):
		nonlocal F,C;B=0;H=[]
		for M in L:
			I=max(C.bit_length()-3,0);J=G(D,K,0,8);E=(J-384<<I)+A(D,I)if J<511 else(A(D,16)^32768)-32768;H.append(F-M+E&65535);B=min(B+1,32);F+=int(E/B)
			if B>1:C+=int((abs(E)-C)/B)
		return H
	return B
def Y(C,B):
	D=np.frombuffer(C,'B',5*B).reshape(B,5)@256**np.arange(5);G=np.frombuffer(C[5*B:],'H');A=0
	def E(A):return D[:A]&65535
	def F(E,H,I):nonlocal A;F=len(E);B=I*(D[:F]>>16)+E-H;C=np.flatnonzero(B<1<<24);B[C]=B[C]<<16|G[A:A+len(C)];D[:F]=B;A+=len(C)
	return E,F
def h(A,B,C):
	def D(B,C,D):return A.take((16*B-8-C)*D+4194304>>9,mode='clip')
	def E(A,F,G,H,I,J):E=((D(A,F,G)-I)*J>>16).astype('i');E+=A-B+H;return np.where(A>C,65536,E*(A>B))
	return D,E,65535-C+B
def c(S,T,J,K,L,A,D,U,M):
	V,X=S;N=min(max(A.min()+D.min(),0),176);Y=min(max(A.max()+D.max(),0),176);E=np.arange(N,Y+1);B=np.arange(J,K+2);e,Z,a=h(T,J,K);C=Z(np.tile(B,(len(E),1)),0,W[E][:,None],L,0,a-2*L);C=np.vstack([C,np.where(B>0,65536,0)]);F=np.diff(C).ravel();B=np.tile(B[:-1].astype('b'),len(C));b=np.repeat(np.arange(len(F)).astype('H'),F);c=C[:,:-1].ravel();O=np.empty((len(D),len(A)),'b')
	for P in range(0,len(A),1<<M):
		G=slice(P,P+(1<<M));H=np.clip(D[:,None]+A[G],0,176)-N;H[:,U[G]]=len(E);H<<=16
		for(d,Q)in enumerate(H):R=V(len(Q));I=b[Q|R];X(R,c[I],F[I]);O[d,G]=B[I]
	return O
def A2(K,E,P,F,H,I,L,M,N):
	G=np.arange(len(F));D=np.floor(H/16+P[F]/I+.5).astype('i');D=np.minimum(np.maximum(D,E[0]),E[-2]);C=K(D+np.arange(-1,3)[:,None],H,I,L,M,N);A=(C<=F).sum(0);B=np.flatnonzero(A&3==0);A[B]=1;D+=A-2;O=C[A,G];C=C[A-1,G]
	if len(B):Q=np.broadcast_arrays(H,I,L,M,N);J=K(E[:,None],*(A[B]for A in Q));A=(J<=F[B]).sum(0);D[B]=A-1+E[0];O[B]=J[A,G[:len(B)]];C[B]=J[A-1,G[:len(B)]]
	return D,C,O-C
def D(A,B):A=(A+(1<<B-1)).astype('q').astype('i')>>B;return np.minimum(np.maximum(A,-2048),2047)
def A3(J,F,G,P,U):
	H=J.diagonal().astype('q');E=len(H);K=U or E;Q=26-int(max((H+H*G//F).max(),1)).bit_length();L=np.floor(np.ldexp(J,Q)).astype('q')
	if P==2:L=L[::-1,::-1]
	D=0*J;M=np.zeros((2,E,E));N=np.ones(E,int)
	for A in range(E):
		C=L[A:,A].copy();C[0]=V=min(C[0]+C[0]*G//F,2**27-1);I=min(A&-64,K)
		if A%64<1:W=M[:,A:,:I]@D[A:A+64,:I].T
		R=min(A,K);O=W[:,A%64:,A%64]+M[:,A:,I:R]@D[A,I:R];O=O.astype('q').astype('i');C=np.clip(C-(np.dot([4096,1],O)>>14),1-2**27,2**27-1);N[A]=max(C[0],V>>8,1)
		if A>=K:continue
		M[:,A:,A]=C>>12,C&4095;D[A:,A]=np.clip(np.trunc(C*16384/N[A]),-32767,32767)
	D=np.tril(D,-1);S=B(N)-(Q<<16);T=S-B(np.int64(F+G))
	if P==2:D=-D[::-1,::-1].T;X=B(1+H.sum())-B(np.int64(E*F));T=B(np.int64(max(G,1)))+2*X-S[::-1]
	return D,np.clip(T+4096>>13,-48,128)
def A4(C,G,A):
	E=np.empty((len(C),A));F=0
	def B(B):
		nonlocal F;A=B&-32
		if B==A:F=C[A:A+32,:A]@E[:A]
		H=C[B,A:B]@E[A:B]+F[B-A];return D(H,10 if G==2 else 14)
	def H(A,B,C):E[A]=B if G>1 else C
	return B,H
def A5(B,C,H):
	I=np.zeros((C,3),int);J=np.zeros((C,3),int);K=E()
	for D in range(C):
		L=D>>H<<H
		for F in range(3):
			if not(L and B(K[F])):break
			I[D,F]=A(B,(L-1).bit_length());J[D,F]=G(B,K,2,5)-48
	return I,J
def i(A,B,C):return np.clip(A*W.take(B+C,mode='clip')>>10,-1023,1023)
def d(D,H,I,M):
	C,E=M[-A(D,4)];J=A(D,1)
	if J:C=C.T
	G=A(D,10)+1;N=A(D,8);K=A(D,4)-8;O=G*(H//len(C));F=np.arange(H);F=F//O*G+F%G;C=C.astype(int);P=B((C**2).sum(1)+1)-B(np.int64(C.shape[1]));L=0
	if K and not J and I:E=np.array(E);L=np.clip(K*(E-E.sum()//len(E))[F]>>8>>I,-24,24)
	return i(C.T,P>>13,48)[:,F],N,L
def A6(F,G,H,I):
	B=len(G);E=G*1.
	for A in range(B*I):E[A]-=D(F[A,:A]@E[:A],14)
	J=D(F[B:,:B]@E,14);return np.clip(J*C(1572864-4096*H)+1024>>11,-2048,2047)
def A7(C,A,D,F,G):
	if A and A in C and C[A][:2]==(F,G):
		B,E=C[A][2:]
		if D:B=B-np.floor(np.ldexp(B,-D));E-=E>>D
		return B,E
	return np.zeros((F+G,)*2),0
def e(j,A8,A9,AA,AB,AC,O,P,K,Y,k,AD,L):
	AE,AF=AB;l,m,Z=h(AC,O,P);Q,AG,AH,n,a,AI,M,o=AA;E=len(Y);C=len(k);AJ=X(j,(E-1>>L)+1,0)if Q else np.zeros(E,int);b=np.arange(O,P+2);p=np.empty((C,E),'b');A=H=0
	if M:A=len(M[0])
	if n:AK,AL=A5(j,E,L)
	q=np.zeros((C,E),'h');r=np.zeros(C,bool);R,I=A7(o,a,AI,A,C);c=0*R;S=np.zeros(C,int)
	for T in range(0,E,1<<L):
		if I>H and I-H>=max(A+C,H)>>AH:
			H=I;c,S=A3(R,I,AG,Q,A)
			if A:S=S[A:]-80
		D=slice(T,T+(1<<L));s=Y[D]+AJ[T>>L]+(S+k)[:,None];t=W.take(s,mode='clip');F=s.shape[1];d=np.flatnonzero(AD[D]);u=int(np.median(t[C//2]));U=m(b,0,u,K%480,0,Z-2*(K%480));AM=(np.interp(np.arange(65536),U,b)-.5)*u;J=np.empty((C,F));AN,AO=A4(c,Q,F);e=0;V=K;v=Z-2*K;w=np.zeros(F,bool)
		if A:x=np.clip(M[1]+Y[D]-A9,0,176);AP=A6(c,M[0][:,D],x,H>0)
		for B in range(C):
			f=AN(B)if H and not A else np.zeros(F,'i');N=f;g=t[B]
			if A:N=AP[B]
			if n:AQ=(AL[D]*q[B][AK[D]]).sum(1);N=np.minimum(np.maximum(f+(AQ+8>>4),-2048),2047)
			if K>479:
				V=np.where(w,0,32768//(C-B+1))
				if A8:V=np.full(F,(~r[B]&1)*32768//(E-T+1))
				e=l(O,N,g);AR=l(P+1,N,g)-e;v=(Z-2*V<<16)//np.maximum(AR,1)
			y=AE(F);G,U,z=A2(m,b,AM,y,N,g,V,e,v);G[d]=U[d]=0;z[d]=65536;AF(y,U,z);p[B,D]=J[B]=G;A0=16*G-f;A1=(G==O)|(G==P);w|=A1;r[B]|=A1.any();q[B,D]=A0
			if A:J[B]=i(G,x,0)
			if not A:AO(B,G,A0)
		if A:J=np.vstack([M[0][:,D],J])
		if Q:R+=J@J.T;I+=F
	if a:o[a]=A,C,R,I
	return p
import operator as Z
def a(B,f,I,g,h):
	G=A(B,8)-128;J=A(B,8)-128;N=int(np.prod(I));C=I[0]if I[1:]else N;D=N//C
	if G==J:return np.full((C,D),G,'b')
	K=A(B,1)
	if K:C,D=D,C
	i=b(A(B,3));O=32*A(B,4);P=A(B,8);j=A(B,4);L=A(B,2);Q=A(B,2);E=A(B,2);R=S=T=M=U=V=W=Y=0
	if E:R=A(B,16);S=A(B,2)+1;T=A(B,1);M=A(B,2)
	if M:U=A(B,2)
	if 0<E<3:V=A(B,1)
	if E>2:*W,Y=d(B,C,L,g)
	H=X(B,C,G<=0<=J)if L else np.zeros(C,int);Z=H==127;H=P+np.where(Z,0,H+Y<<L);k=X(B,D,0)<<Q if Q else np.zeros(D,int);a=f,i,G,J,O,H,k,Z,j
	if E or O>479:l=E,R,S,T,M,U,W,h;F=e(B,K,P,l,*a)
	else:F=c(*a)
	if V:F=F[:,::-1]
	return F if K else F.T
def f(C):A=(C.astype('i')**2).sum(1);return np.where(A,B(np.maximum(A,1))>>7,0).tolist()
def stream(P,Q):
	B=iter(P);next(B);I=1<<next(B);J=4
	for(A,C)in Q:
		J+=varint(B)
		if A.itemsize*np.prod(C)and A.itemsize<2:varint(B)
	R=P[-Z.length_hint(B):];K=T(iter(R[:J]));I=Y(R[J:],I);W=V(K);X=defaultdict(E);F=[];b={};G=[];S=[]
	for(A,C)in Q:
		D=A.itemsize;H=int(np.prod(C));L=[];M=np.empty(0,A)
		if D>1:
			if D==2 and H==len(G):
				N=W(G)
				if H:F[-1]=F[-1][0],[A+(B&32767)for(A,B)in zip(G,N)]
			else:N=[U(K,X[D],D-1)for A in range(H)]
			M=np.frombuffer(b''.join(A.to_bytes(D,'little')for A in N),A)
		elif H:O=a(K,I,C,F,b);L=f(O);F.append((O,L));M=np.ascontiguousarray(O).view(A)
		G=L;S.append(M.reshape(C))
	return S
