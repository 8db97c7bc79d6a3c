import zlib
def _a(A):
	B=20+28*A[10]+7168*A[11];C=[]
	for D in np.frombuffer(A[12:B-8],'I').reshape(-1,7)[:,1].tolist():C.append(A[B:B+D]);B+=D
	return C
def _b(A):
	C=b'';G=[]
	for M in range(varint(A)):
		C=C[:varint(A)]+bytes(next(A)for B in range(varint(A)));B,J,D=next(A),next(A),next(A);E=0;F=[varint(A)for B in range(varint(A))];H=[(D,F,varint(A))]
		if B:
			next(A);D=next(A);I=F[:1]if B<2 else[];K=varint(A)
			if B>2:L=np.frombuffer(bytes(next(A)for B in range(4)),'f');E=B,L,next(A);I=[sum(B for(A,B)in enumerate(F[:2])if E[2]>>A&1)]
			H.append((D,I,K))
		G.append((C.decode(),J,H,E))
	return G
def _c(C,D,F):
	G,A,E=F;B=np.round(2**(np.arange(8)/8)*2**23).astype('f')[D&7];B=np.ldexp(B,D.astype('i')//8-23)
	if E&1:A=(B[:len(C)]*A)[:,None]
	if E&2:A=A*B[-C.shape[1]:]
	return C.astype('f')*A
def _d(A,D):
	B=A[0]
	if D:return _c(B,A[1],D)
	if A[1:]:C=A[1].astype('f');return B.astype('f')*(C[:,None]if C.shape else C)
	return B
def load(L):
	F=_a(open(L,'rb').read());G='?BbHhIiQqeHfd';H=_b(iter(zlib.decompress(F[1])));A=defaultdict(list)
	for(B,B,C,B)in H:
		for(I,M,D)in C:A[D].append((np.dtype(G[I]),M))
	N={B:iter(stream(F[2+B],A[B]))for B in A};J={}
	for(O,P,C,Q)in H:
		K=[]
		for(I,B,D)in C:E=next(N[D]);K.append(E)
		E=_d(K,Q);J[O]=E.astype(G[P])
	return J
