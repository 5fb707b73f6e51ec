/**
 * Parts of Node that an engine loads when its configuration first needs them: TLS, and names to resolve. Together they take 2 ms of a start and 4 MB of an idle
 * process. An import would load them at once, and `import()` could not answer at once. What a request needs is no matter for this: the first one would wait.
 */

type Dns = typeof import('node:dns');
type Tls = typeof import('node:tls');

export const nodeDns = (): Dns => process.getBuiltinModule('node:dns');
export const nodeTls = (): Tls => process.getBuiltinModule('node:tls');
