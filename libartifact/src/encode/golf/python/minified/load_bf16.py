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
def _c(B):A=B.astype('f').view('I');return(A+32767+(A>>16&1)&4294901760).astype('I').view('f')
def _d(A,D):
	C=A[0]
	if A[1:]:B=A[1].astype('f');return C.astype('f')*(B[:,None]if B.shape else B)
	return C
def load(M):
	H=_a(open(M,'rb').read());I='?BbHhIiQqeHfd';J=_b(iter(zlib.decompress(H[1])));B=defaultdict(list)
	for(C,C,D,C)in J:
		for(E,N,F)in D:B[F].append((np.dtype(I[E]),N))
	O={A:iter(stream(H[2+A],B[A]))for A in B};K={}
	for(P,G,D,Q)in J:
		L=[]
		for(E,C,F)in D:
			A=next(O[F])
			if E==10:A=(A.astype('I')<<16).view('f')
			L.append(A)
		A=_d(L,Q)
		if G==10:A=_c(A);G=11
		K[P]=A.astype(I[G])
	return K
