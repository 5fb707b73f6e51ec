/**
 * Behaviour cases of gateways as data: objects that attach to a Gateway, requests to its listeners, expectations. One Gateway an engine
 * serves all cases; `$ENGINE` in a case stands for the engine's name, `edge-$ENGINE` is the Gateway. A file of e2e/gateway-cases/ holds the
 * cases of one topic.
 */
import { readFileSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import tls from 'node:tls';
import { parse } from 'yaml';
import type { CaseRequest } from '../cases/case.ts';
import { judge } from '../cases/judge.ts';
import type { KeyPair } from '../certificates/index.ts';

export type { KeyPair };

export interface GatewayCase {
  readonly name: string;
  /** Rows of e2e/behaviours.yaml, where it is about others than its file says. */
  readonly shows?: readonly string[];
  readonly objects?: readonly unknown[];
  /** Objects made at least a second later than all others. */
  readonly newer?: readonly unknown[];
  readonly requests?: readonly GatewayRequest[];
  /** What `weft check` reports about objects of this case, as `OBJECT#PATH code`; no more, no less. */
  readonly findings?: readonly string[];
  /** `Kind/NAMESPACE/NAME` to type to `STATUS REASON`, of the first parent (of a Gateway its own); `listener/NAME` before a type: of a listener. */
  readonly conditions?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export interface GatewayRequest extends CaseRequest {
  /** The port's name. */
  readonly listener: string;
  /** Over TLS, with that server name; '' without one. */
  readonly sni?: string;
  /** What the connection begins with, before TLS: the PROXY header of a load balancer. */
  readonly header?: string;
  /** Name of the certificate that it shows: `known` of the authority that the Gateway trusts, `stranger` of another one, others by the run. */
  readonly client?: string;
  /** Over TLS: the versions and suites that the client offers, in Node's names; default: all that it knows. */
  readonly offers?: Pick<tls.ConnectionOptions, 'minVersion' | 'maxVersion' | 'ciphers'>;
  /** Over TLS: the version that came about, such as `TLSv1.3`, and the suite, in OpenSSL's name. */
  readonly negotiated?: { readonly version?: string; readonly suite?: string };
  /** Common name of the certificate that the server shows. */
  readonly certificate?: string;
  /** The connection ends without an answer. */
  readonly refused?: boolean;
}

export interface GatewayPorts {
  readonly port: (listener: string) => number;
  readonly clients: ReadonlyMap<string, KeyPair>;
}

export const readGatewayCases = (file: string, engine: string): readonly GatewayCase[] =>
  (
    JSON.parse(JSON.stringify(parse(readFileSync(file, 'utf8'))).replaceAll('$ENGINE', engine)) as {
      readonly cases: readonly GatewayCase[];
    }
  ).cases;

/** One text a deviation; none means that the case holds. */
export async function judgeGatewayCase(one: GatewayCase, ports: GatewayPorts): Promise<string[]> {
  const faults: string[] = [];
  for (const [index, request] of (one.requests ?? []).entries()) {
    const { listener, sni, header = '', client, certificate, refused, offers, negotiated, ...sent } = request;
    const port = ports.port(listener);
    const say = (text: string): void => void faults.push(`request ${index + 1}: ${text}`);
    const secure =
      sni === undefined ? undefined : { sni, client: ofClient(ports, client), http2: sent.send?.http2, offers };
    const way = sni === undefined && header === '' ? undefined : await through(port, header, secure);
    const answer = await judge({ name: one.name, requests: [sent] }, way?.port ?? port).catch(
      (error: unknown) => error,
    );
    way?.close();
    if (refused === true) {
      if (!(answer instanceof Error)) say('was answered, expected the connection to end');
    } else if (answer instanceof Error) say(answer.message);
    else for (const fault of answer as string[]) say(fault.slice('request 1: '.length));
    if (certificate !== undefined && way?.shown() !== certificate)
      say(`the certificate is ${way?.shown() ?? 'none'}, expected ${certificate}`);
    for (const [what, wanted] of Object.entries(negotiated ?? {})) {
      const found = way?.negotiated()[what as 'version' | 'suite'];
      if (found !== wanted) say(`the ${what} is ${found ?? 'none'}, expected ${wanted}`);
    }
  }
  return faults;
}

function ofClient({ clients }: GatewayPorts, name: string | undefined): KeyPair | undefined {
  if (name === undefined) return undefined;
  const pair = clients.get(name);
  if (pair === undefined) throw new Error(`there is no client certificate ${name}`);
  return pair;
}

interface Way {
  readonly port: number;
  readonly close: () => void;
  readonly shown: () => string | undefined;
  readonly negotiated: () => NonNullable<GatewayRequest['negotiated']>;
}

interface Secure {
  readonly sni: string;
  readonly client: KeyPair | undefined;
  readonly http2: boolean | undefined;
  readonly offers: GatewayRequest['offers'];
}

/** A port whose connections go on behind `header`, and over TLS, so that a client without either can be judged. */
function through(port: number, header: string, tlsOf: Secure | undefined): Promise<Way> {
  let shown: string | undefined;
  let negotiated: NonNullable<GatewayRequest['negotiated']> = {};
  const server = net.createServer((socket) => {
    const plain = net.connect({ host: '127.0.0.1', port });
    plain.on('error', () => socket.destroy());
    if (header !== '') plain.write(header);
    const onward = tlsOf === undefined ? plain : securely(plain, tlsOf);
    if (onward instanceof tls.TLSSocket)
      onward.on('secureConnect', () => {
        shown = onward.getPeerCertificate().subject?.CN as string | undefined;
        negotiated = { version: onward.getProtocol() ?? '', suite: onward.getCipher().name };
      });
    const end = (): void => {
      socket.destroy();
      onward.destroy();
    };
    for (const each of [socket, onward]) each.on('error', end).on('close', end);
    socket.pipe(onward).pipe(socket);
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () =>
      resolve({
        port: (server.address() as AddressInfo).port,
        close: () => void server.close(),
        shown: () => shown,
        negotiated: () => negotiated,
      }),
    );
  });
}

const securely = (socket: net.Socket, { sni, client, http2, offers }: Secure): tls.TLSSocket =>
  tls.connect({
    socket,
    rejectUnauthorized: false,
    ...offers,
    ...(sni === '' ? {} : { servername: sni }),
    ...client,
    ALPNProtocols: http2 === true ? ['h2'] : ['http/1.1'],
  });
