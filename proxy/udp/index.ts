export { UdpProxyRuntime } from './udp-proxy.ts';
