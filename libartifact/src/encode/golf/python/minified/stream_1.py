import numpy as np
def B(C):
	D=np.frexp(C)[1]-1;A=np.ldexp(C*1.,31-D).astype('Q');B=D.astype('q')
	for F in range(16):A=A*A>>np.uint64(31);E=A>>np.uint64(32);A>>=E;B=2*B+E.astype('q')
	return B
def C(B):
	A=0*B+(1<<31)
	for C in range(16):D=int(2**(31-.5**(C+1))+.5);A=np.where(B>>15-C&1,A*D>>31,A)
	return A>>np.minimum(B>>16,63)
S=C(851968+4096*np.arange(177)).astype('i')
def Q(A):F=np.array([5983,25283,46341,76262,92682,107266,112727,116836])[A];G=(2,3,4,6,8,12,16,32)[A];H=B(64*np.arange(8192)+32)-B(F);D=np.append(0,np.cumsum(C(C(np.maximum(983040-(H*G>>2)-34655,0)))));E=np.minimum(D*65535//(2*D[-1]),32767);return np.append(32767-E[::-1],32768+E[1:]).astype('I')
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
def F():return defaultdict(lambda:[32768,0])
def A(B,C):
	A=0
	for D in range(C):A=2*A+B([32768,0])
	return A
def J(B,C,D,E):
	A=1
	for F in range(E):A=2*A+B(C[D+A])
	return A
def I(D,M,N):
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
def U(H,E,C):
	F=D=0
	for B in range(C,-1,-1):
		A=1
		for G in range(7,-1,-1):A=2*A+H(E[B,F,A]if B==C or G>4 else E[B,G])
		D=256*D+A-256;F=A&3 if B==C else 0
	return D
def V(D):
	K=F();E=8192;C=128
	def B(L):
		nonlocal E,C;B=0;G=[]
		for M in L:
			H=max(C.bit_length()-3,0);I=J(D,K,0,8);F=(I-384<<H)+A(D,H)if I<511 else(A(D,16)^32768)-32768;G.append(E-M+F&65535);B=min(B+1,32);E+=int(F/B)
			if B>1:C+=int((abs(F)-C)/B)
		return G
	return B
def W(C,B):
	D=np.frombuffer(C,'B',5*B).reshape(B,5)@256**np.arange(5);G=np.frombuffer(C[5*B:],'H');A=0
	def E(A):return D[:A]&65535
	def F(E,H,I):nonlocal A;F=len(E);B=I*(D[:F]>>16)+E-H;C=np.flatnonzero(B<1<<24);B[C]=B[C]<<16|G[A:A+len(C)];D[:F]=B;A+=len(C)
	return E,F
def X(A,B,C):
	def D(B,C,D):return A.take((16*B-8-C)*D+4194304>>9,mode='clip')
	def E(A,F,G,H,I,J):E=((D(A,F,G)-I)*J>>16).astype('i');E+=A-B+H;return np.where(A>C,65536,E*(A>B))
	return D,E,65535-C+B
def R(T,U,J,K,L,A,D,V,M):
	W,Y=T;N=min(max(A.min()+D.min(),0),176);Z=min(max(A.max()+D.max(),0),176);E=np.arange(N,Z+1);B=np.arange(J,K+2);f,a,b=X(U,J,K);C=a(np.tile(B,(len(E),1)),0,S[E][:,None],L,0,b-2*L);C=np.vstack([C,np.where(B>0,65536,0)]);F=np.diff(C).ravel();B=np.tile(B[:-1].astype('b'),len(C));c=np.repeat(np.arange(len(F)).astype('H'),F);d=C[:,:-1].ravel();O=np.empty((len(D),len(A)),'b')
	for P in range(0,len(A),1<<M):
		G=slice(P,P+(1<<M));H=np.clip(D[:,None]+A[G],0,176)-N;H[:,V[G]]=len(E);H<<=16
		for(e,Q)in enumerate(H):R=W(len(Q));I=c[Q|R];Y(R,d[I],F[I]);O[e,G]=B[I]
	return O
import operator as Y
def Z(B,S,G,f,g):
	E=A(B,8)-128;H=A(B,8)-128;J=int(np.prod(G));C=G[0]if G[1:]else J;D=J//C
	if E==H:return np.full((C,D),E,'b')
	K=A(B,1)
	if K:C,D=D,C
	T=Q(A(B,3));U=32*A(B,4);V=A(B,8);W=A(B,4);L=A(B,2);M=A(B,2);N=A(B,2);X=Y=Z=a=h=b=i=c=0
	if N:X=A(B,16);Y=A(B,2)+1;Z=A(B,1);a=A(B,2)
	if 0<N<3:b=A(B,1)
	F=I(B,C,E<=0<=H)if L else np.zeros(C,int);O=F==127;F=V+np.where(O,0,F+c<<L);d=I(B,D,0)<<M if M else np.zeros(D,int);e=S,T,E,H,U,F,d,O,W;P=R(*e);return P if K else P.T
def a(C):A=(C.astype('i')**2).sum(1);return np.where(A,B(np.maximum(A,1))>>7,0).tolist()
def stream(L,M):
	B=iter(L);next(B);E=1<<next(B);G=4
	for(A,C)in M:
		G+=varint(B)
		if A.itemsize*np.prod(C)and A.itemsize<2:varint(B)
	N=L[-Y.length_hint(B):];H=T(iter(N[:G]));E=W(N[G:],E);S=V(H);X=defaultdict(F);b=[];c={};I=[];O=[]
	for(A,C)in M:
		D=A.itemsize;J=int(np.prod(C));P=[];K=np.empty(0,A)
		if D>1:
			if D==2 and J==len(I):Q=S(I)
			else:Q=[U(H,X[D],D-1)for A in range(J)]
			K=np.frombuffer(b''.join(A.to_bytes(D,'little')for A in Q),A)
		elif J:R=Z(H,E,C,b,c);P=a(R);K=np.ascontiguousarray(R).view(A)
		I=P;O.append(K.reshape(C))
	return O
