/** Who runs: root (which workers must not be) or an ordinary user (whose identity, seen from outside, workers have). */
export const isRoot = (): boolean => process.getuid?.() === 0;

/** The identity that workers get when Postern runs as root: unassigned on common systems, below a container's 65536. */
export const workerIdentity = { uid: 60900, gid: 60900 } as const;
