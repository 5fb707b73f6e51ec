/**
 * The flags of `weft run` as values. Pure: texts in, values or findings out; every wrong flag is said, not the first one only.
 */
import type { Locality } from '@weft/core/mesh-view';
export type PortProtocol = 'http' | 'http2' | 'grpc' | 'tcp' | 'udp' | 'auto';

export interface PortFlag {
  readonly name: string;
  readonly port: number;
  readonly protocol: PortProtocol;
}

export interface UpstreamFlag {
  /** As it was written. */
  readonly flag: string;
  /** `namespace/name` */
  readonly service: string;
  /** undefined: the service's only port. */
  readonly port: number | undefined;
  readonly localPort: number;
  /** The environment variable that tells the child where it is. */
  readonly variable: string;
}

const PROTOCOLS: readonly string[] = ['http', 'http2', 'grpc', 'tcp', 'udp', 'auto'] satisfies PortProtocol[];
const LABEL = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;

export type Findings = string[];

/** A DNS label (RFC 1123) as Kubernetes wants names to be. */
export const isName = (text: string): boolean => LABEL.test(text);

function readPort(text: string, flag: string, findings: Findings): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) findings.push(`${flag}: '${text}' is not a port (1 to 65535)`);
  return port;
}

/** `[NAME:]PORT[/http|http2|grpc|tcp|udp|auto]`; the protocol is http when it is not said, the name is the protocol when it is not said. */
export function readPortFlags(texts: readonly string[], findings: Findings): PortFlag[] {
  const ports: PortFlag[] = [];
  for (const text of texts) {
    const flag = `--port ${text}`;
    const match = /^(?:([^:/]*):)?([^:/]*)(?:\/(.*))?$/.exec(text);
    if (match === null) {
      findings.push(`${flag}: expected [NAME:]PORT[/http|http2|grpc|tcp|udp|auto]`);
      continue;
    }
    const [, name, number = '', protocol = 'http'] = match;
    const port = readPort(number, flag, findings);
    if (!PROTOCOLS.includes(protocol))
      findings.push(`${flag}: '${protocol}' is not a protocol (${PROTOCOLS.join(', ')})`);
    if (name !== undefined && (!isName(name) || name.length > 15))
      findings.push(`${flag}: '${name}' is not a port name (lower-case letters, digits and -, at most 15)`);
    if (port > 0 && ports.some((other) => other.port === port)) findings.push(`${flag}: port ${port} is given twice`);
    const unique = uniqueName(name ?? protocol, ports);
    if (name !== undefined && unique !== name) findings.push(`${flag}: the name ${name} is given twice`);
    ports.push({ name: unique, port, protocol: protocol as PortProtocol });
  }
  return ports;
}

function uniqueName(name: string, ports: readonly PortFlag[]): string {
  let unique = name;
  for (let count = 2; ports.some((other) => other.name === unique); count += 1) unique = `${name}-${count}`;
  return unique;
}

/** `SERVICE[:PORT]=LOCALPORT`, SERVICE being NAME or NAME.NAMESPACE; `namespace` is the workload's own. */
export function readUpstreamFlags(texts: readonly string[], namespace: string, findings: Findings): UpstreamFlag[] {
  const upstreams: UpstreamFlag[] = [];
  for (const text of texts) {
    const flag = `--upstream ${text}`;
    const match = /^([^:=]*)(?::([^=]*))?=(.*)$/.exec(text);
    if (match === null) {
      findings.push(`${flag}: expected SERVICE[:PORT]=LOCALPORT`);
      continue;
    }
    const [, service = '', port, local = ''] = match;
    const [name = '', space = namespace, ...rest] = service.split('.');
    if (!isName(name) || !isName(space) || rest.length > 0)
      findings.push(`${flag}: '${service}' is not a service (NAME or NAME.NAMESPACE)`);
    const localPort = readPort(local, flag, findings);
    const other = upstreams.find((one) => one.localPort === localPort);
    if (localPort > 0 && other !== undefined)
      findings.push(`${flag}: local port ${localPort} is taken by ${other.flag}`);
    upstreams.push({
      flag,
      service: `${space}/${name}`,
      port: port === undefined ? undefined : readPort(port, flag, findings),
      localPort,
      variable: variableOf(name, [port ?? '', space], upstreams),
    });
  }
  return upstreams;
}

/** `WEFT_UPSTREAM_<SERVICE>`; when another upstream has it already, with the port or the namespace behind it. */
function variableOf(name: string, further: readonly string[], taken: readonly UpstreamFlag[]): string {
  const spelt = (...words: readonly string[]): string =>
    ['WEFT_UPSTREAM', ...words].join('_').toUpperCase().replaceAll('-', '_');
  const free = (variable: string): boolean => !taken.some((other) => other.variable === variable);
  const wanted = [spelt(name), ...further.filter((word) => word !== '').map((word) => spelt(name, word))];
  const numbered = taken.map((_, index) => spelt(name, String(index + 2)));
  return [...wanted, ...numbered].find(free) ?? spelt(name);
}

/** `[PORT]/PATH`, asked at PORT for all ports; without it at each port that speaks HTTP/1. */
export function readReadinessFlag(
  text: string | undefined,
  ports: readonly PortFlag[],
  findings: Findings,
): ReadonlyMap<string, { readonly port: number; readonly path: string }> {
  const gets = new Map<string, { readonly port: number; readonly path: string }>();
  if (text === undefined) return gets;
  const flag = `--readiness ${text}`;
  const [, number = '', path = ''] = /^([^/]*)(\/[\x21-\x7e]*)$/.exec(text) ?? [];
  if (path === '') {
    findings.push(`${flag}: expected [PORT]/PATH, such as /healthz or 8081/ready`);
    return gets;
  }
  const port = number === '' ? undefined : readPort(number, flag, findings);
  const asked = ports.filter(({ protocol }) => (port === undefined ? protocol === 'http' : protocol !== 'udp'));
  if (asked.length === 0)
    findings.push(`${flag}: ${port === undefined ? 'no --port speaks HTTP/1: write PORT/PATH' : 'there is no --port'}`);
  for (const own of asked) gets.set(own.name, { port: port ?? own.port, path });
  return gets;
}

/** `K=V` pairs as labels. */
export function readLabelFlags(texts: readonly string[], findings: Findings): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const text of texts) {
    const equals = text.indexOf('=');
    const key = text.slice(0, Math.max(equals, 0));
    const value = text.slice(equals + 1);
    if (equals < 1 || !/^[A-Za-z0-9]([-A-Za-z0-9_./]*[A-Za-z0-9])?$/.test(key))
      findings.push(`--label ${text}: expected KEY=VALUE`);
    else if (!/^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/.test(value))
      findings.push(`--label ${text}: '${value}' is not a label value`);
    else if (Object.hasOwn(labels, key)) findings.push(`--label ${text}: the key ${key} is given twice`);
    else labels[key] = value;
  }
  return labels;
}

/** `REGION`, `REGION/ZONE` or `REGION/ZONE/SUBZONE`; absent: nowhere in particular. */
export function readLocalityFlag(text: string | undefined, findings: Findings): Locality {
  const [region = '', zone = '', subZone = '', ...more] = (text ?? '').split('/');
  const parts = (text ?? 'x').split('/');
  if (more.length > 0 || parts.some((part) => !/^[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/.test(part)))
    findings.push(`--locality ${text}: expected REGION, REGION/ZONE or REGION/ZONE/SUBZONE`);
  return { region, zone, subZone };
}

/** What the child finds in its environment: where each upstream is, and the forward proxy when there is one. */
export function childEnvironment(upstreams: readonly UpstreamFlag[], httpProxyPort: number): Record<string, string> {
  const env: Record<string, string> = {};
  for (const { variable, localPort } of upstreams) env[variable] = `127.0.0.1:${localPort}`;
  if (httpProxyPort > 0) {
    const proxy = `http://127.0.0.1:${httpProxyPort}`;
    const direct = 'localhost,127.0.0.1,::1';
    Object.assign(env, {
      http_proxy: proxy,
      HTTP_PROXY: proxy,
      no_proxy: direct,
      NO_PROXY: direct,
      NODE_USE_ENV_PROXY: '1',
    });
  }
  return env;
}

/**
 * `control-plane` (as without the flag), or `workload-api[:unix:///PATH]`: the path of the socket of a SPIFFE Workload API, which
 * SPIFFE_ENDPOINT_SOCKET names when the flag does not (SPIFFE Workload Endpoint, 4).
 */
export function readIdentityFlag(
  text: string | undefined,
  environment: string | undefined,
  findings: Findings,
): string | undefined {
  if (text === undefined || text === 'control-plane') return undefined;
  const match = /^workload-api(?::(.+))?$/.exec(text);
  if (match === null) {
    findings.push(`--identity: '${text}' is neither control-plane nor workload-api[:unix:///PATH]`);
    return undefined;
  }
  const address = match[1] ?? environment ?? '';
  const path = /^unix:(?:\/\/)?(\/.+)$/.exec(address)?.[1];
  if (path === undefined)
    findings.push(
      address === ''
        ? '--identity workload-api needs unix:///PATH after a colon, or SPIFFE_ENDPOINT_SOCKET'
        : `--identity: '${address}' is no address of the form unix:///PATH`,
    );
  return path;
}
