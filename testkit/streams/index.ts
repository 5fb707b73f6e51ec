/** Bytes without HTTP: servers that echo or greet, ClientHellos to measure, conversations as data. */
export { clientHello, type HelloForm } from './client-hello.ts';
export { converse, type Place, type Step } from './conversation.ts';
export { DatagramServer, echoing, greeting, StreamServer } from './servers.ts';
export { TunnelServer } from './tunnel-server.ts';
