/** The PROXY protocol, versions 1 and 2: who a connection really comes from, told by the proxy before us or to the server after us. */
export {
  MAX_V1_BYTES,
  MAX_V2_BYTES,
  type ProxiedConnection,
  type ProxiedEnd,
  type ProxyHeader,
  type ProxyVersion,
} from './header.ts';
export { readProxyHeader } from './read.ts';
export { writeProxyHeader } from './write.ts';
