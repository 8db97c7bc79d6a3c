import zlib
def _a(A):
	B=20+28*A[10]+7168*A[11];C=[]
	for D in np.frombuffer(A[12:B-8],'I').reshape(-1,7)[:,1].tolist():C.append(A[B:B+D]);B+=D
	return C
def _b(A):
	B=b'';D=[]
	for L in range(varint(A)):
		B=B[:varint(A)]+bytes(next(A)for B in range(varint(A)));E,H,C=next(A),next(A),next(A);I=0;F=[varint(A)for B in range(varint(A))];G=[(C,F,varint(A))]
		if E:next(A);C=next(A);J=F[:1]if E<2 else[];K=varint(A);G.append((C,J,K))
		D.append((B.decode(),H,G,I))
	return D
def _c(A,D):
	C=A[0]
	if A[1:]:B=A[1].astype('f');return C.astype('f')*(B[:,None]if B.shape else B)
	return C
def load(L):
	F=_a(open(L,'rb').read());G='?BbHhIiQqeHfd';H=_b(iter(zlib.decompress(F[1])));A=defaultdict(list)
	for(B,B,C,B)in H:
		for(I,M,D)in C:A[D].append((np.dtype(G[I]),M))
	N={B:iter(stream(F[2+B],A[B]))for B in A};J={}
	for(O,P,C,Q)in H:
		K=[]
		for(I,B,D)in C:E=next(N[D]);K.append(E)
		E=_c(K,Q);J[O]=E.astype(G[P])
	return J
