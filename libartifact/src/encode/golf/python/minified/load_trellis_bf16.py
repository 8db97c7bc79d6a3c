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
def _c(A,F,G):
	B=np.zeros(A.shape[1],int);C=np.zeros(A.shape)
	for(H,D)in enumerate(A):E=B&1;C[H]=2.*D+E;B=B>>1^E*F^(D&1)*G
	return C
def _d(A,D,G):
	E,B,F=G;C=np.round(2**(np.arange(8)/8)*2**23).astype('f')[D&7];C=np.ldexp(C,D.astype('i')//8-23)
	if F&1:B=(C[:len(A)]*B)[:,None]
	if F&2:B=B*C[-A.shape[1]:]
	if E>3:A=_c(A,*((6,1),(33,10),(166,121))[E-4])
	return A.astype('f')*B
def _e(B):A=B.astype('f').view('I');return(A+32767+(A>>16&1)&4294901760).astype('I').view('f')
def _f(A,D):
	B=A[0]
	if D:return _d(B,A[1],D)
	if A[1:]:C=A[1].astype('f');return B.astype('f')*(C[:,None]if C.shape else C)
	return B
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
		A=_f(L,Q)
		if G==10:A=_e(A);G=11
		K[P]=A.astype(I[G])
	return K
