def joined(A,B):
	for(C,D)in B.items():E=[f"blocks.{C}.{B}.weight"for B in D for C in range(len(A))];A[C]=np.stack([A.pop(B)for B in E if B in A])
	return A
