// The import table: which layer may import which, and why not otherwise. One source for the check and for docs/architecture.md.
// Test files (*.test.ts) may import testkit and fast-check as well; nothing else is relaxed for them.

/** Layers that must stay pure: values in, values out. */
export const PURE = ['core', 'compile', 'wire', 'envoy', 'dialects'];

/** layer -> {may import these workspace layers, these packages, these node: modules ('*' = any), because ...} */
export const LAYERS = {
  core: {
    layers: [],
    packages: ['yaml', 're2js'],
    node: ['module'],
    why: 'the nouns of the mesh know neither Envoy nor Node',
  },
  dialects: {
    layers: ['core'],
    packages: ['yaml'],
    node: [],
    why: 'a foreign dialect is a pure translation into core/resources',
  },
  compile: {
    layers: ['core'],
    packages: [],
    node: [],
    why: 'compilation is a pure function of the MeshView and never sees an Envoy message',
  },
  wire: {
    layers: ['core'],
    packages: [],
    node: [],
    why: 'codecs turn bytes into values; sockets belong to proxy and agent',
  },
  envoy: {
    layers: ['core'],
    packages: ['yaml', 're2js'],
    node: ['module'],
    why: "Envoy's messages are data; whoever does the input or output imports this layer, not the reverse",
  },
  proxy: {
    layers: ['core', 'wire'],
    packages: [],
    node: [
      'net',
      'module',
      'tls',
      'crypto',
      'dgram',
      'dns',
      'fs',
      'os',
      'buffer',
      'perf_hooks',
      'v8',
      'vm',
      'worker_threads',
      'zlib',
    ],
    why: 'the engine knows ProxyConfig only (Envoy meets it in apps) and works on bytes: node:http and node:http2 cost 4-5 times as much a request',
  },
  agent: {
    layers: ['core', 'wire', 'envoy'],
    packages: ['@grpc/grpc-js'],
    node: ['*'],
    why: 'the agent serves engines by their socket and must not depend on one',
  },
  control: {
    layers: ['core', 'compile', 'dialects', 'wire', 'envoy'],
    packages: ['@grpc/grpc-js', 'pino'],
    node: ['*'],
    why: 'the control plane never runs traffic: it must not import the engine or the agent',
  },
  adapters: {
    layers: ['core', 'control'],
    packages: ['*'],
    node: ['*'],
    why: "an adapter fills one of control's ports",
  },
  dashboard: {
    layers: ['core'],
    packages: ['preact', 'uplot'],
    node: ['*'],
    why: "the dashboard reads the control plane's documents over HTTP, as any client may",
  },
  apps: {
    layers: ['core', 'compile', 'dialects', 'wire', 'envoy', 'proxy', 'agent', 'control', 'adapters', 'dashboard'],
    packages: ['*'],
    node: ['*'],
    why: 'an app assembles processes; nothing imports an app',
  },
  testkit: {
    layers: ['core', 'wire', 'envoy'],
    packages: ['*'],
    node: ['*'],
    why: 'tools for tests: they judge processes from outside',
  },
  e2e: {
    layers: ['core', 'wire', 'envoy', 'testkit'],
    packages: ['*'],
    node: ['*'],
    why: 'whole-system tests drive the commands, not the code',
  },
  examples: {
    layers: [],
    packages: ['@grpc/grpc-js'],
    node: ['*'],
    why: 'an example knows nothing of Weft but its commands',
  },
  bench: {
    layers: ['core', 'compile', 'wire', 'envoy', 'proxy', 'agent', 'control', 'testkit'],
    packages: ['*'],
    node: ['*'],
    why: 'benchmarks measure what users run',
  },
};

/** The one thing that a pure layer may import of node:module: code that is loaded on demand changes no value. What it requires is checked as any import. */
export const ON_DEMAND = /^import \{ createRequire \} from /;

/** What a pure layer may not mention, with the reason given for each breach. */
export const IMPURE = [
  [/\bMath\.random\b|(?<![.\w$])crypto\b/, 'randomness is an input: take a roll'],
  [
    /\basync\s+(?:function|\(|[A-Za-z_$][\w$]*\s*=>)|\basync\s*\*|\basync\s+[#A-Za-z_$][\w$]*\s*[(<]|\basync\s*</,
    'a pure layer answers at once: no promises',
  ],
  [/(?<![.\w$])Promise\b|(?<![.\w$])await\b/, 'a pure layer answers at once: no promises'],
  [/(?<![.\w$])queueMicrotask\b|\bset(?:Timeout|Interval|Immediate)\b/, 'take a MonotonicClock (core/kernel)'],
  [/(?<![.\w$])performance\b/, 'take a MonotonicClock (core/kernel)'],
  [/(?<![.\w$])Date\b/, 'take a WallClock (core/kernel)'],
  [/(?<![.\w$])process\s*[.[]/, 'the environment is an input: pass it in'],
  [/(?<![.\w$])console\s*[.[]/, 'return diagnostics as data'],
  [/(?<![.\w$])fetch\s*\(/, 'no input or output'],
  [/(?<![.\w$])globalThis\b/, 'a pure layer knows its arguments only'],
  [/\bBuffer\b/, "use Uint8Array: Buffer is Node's"],
];
