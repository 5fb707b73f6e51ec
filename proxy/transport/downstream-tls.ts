/**
 * The listener side of TLS for one filter chain: a tls.Server that never listens and is fed with accepted sockets, whose first bytes a
 * detector may have put back. New secrets make a new context for new connections; established ones stay. Refusals go to the handshake's
 * owner with their reason. It must never hand out a connection that failed its check.
 */
import { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import type { SecureContext, Server, TLSSocket } from 'node:tls';
import type { DownstreamTransport } from '@weft/core/proxy-config';
import { nodeTls } from '../node-on-demand.ts';
import { contextOptions } from './context.ts';
import { secretNames, uriSanOf, type TlsMaterial } from './material.ts';
import { PeerCheck, type TlsPeer } from './peer.ts';
import { errorCode, refusalOf, type TlsRefusal } from './refusal.ts';
import { underlying } from './reset.ts';

type SniDone = (error: Error | null, context?: SecureContext) => void;

export type DownstreamTlsConf = Extract<DownstreamTransport, { kind: 'tls' }>;

/** Told once about the end of one handshake. */
export interface Handshake {
  secured(socket: TLSSocket, peer: TlsPeer): void;
  /** The connection is destroyed already. */
  refused(reason: TlsRefusal, detail: string): void;
}

/** Stricter than Envoy, which waits for ever by default. ms. */
const DEFAULT_HANDSHAKE_TIMEOUT = 10_000;

export class DownstreamTls {
  readonly #conf: DownstreamTlsConf;
  readonly #material: TlsMaterial;
  readonly #check: PeerCheck;
  readonly #server: Server;
  readonly #names: ReadonlySet<string>;
  readonly #handshakes = new WeakMap<Socket, Handshake>();
  #localUriSan = '';
  #others: readonly { readonly certificate: X509Certificate; readonly context: SecureContext }[] = [];

  /** Throws when a secret is missing (`MissingSecret`), a file unreadable, a PEM invalid, or a matcher does not compile. */
  constructor(conf: DownstreamTlsConf, handshakeTimeout: number, material: TlsMaterial) {
    this.#conf = conf;
    this.#material = material;
    this.#check = new PeerCheck(conf.validation, conf.requireClientCertificate, 'caller');
    this.#names = secretNames(conf.certificates, conf.validation);
    this.#server = nodeTls().createServer({
      ...this.#options(),
      requestCert: conf.validation !== undefined || conf.requireClientCertificate,
      rejectUnauthorized: conf.requireClientCertificate && conf.validation !== undefined,
      handshakeTimeout: handshakeTimeout === 0 ? DEFAULT_HANDSHAKE_TIMEOUT : handshakeTimeout,
      ...(conf.alpnProtocols.length === 0 ? {} : { ALPNProtocols: [...conf.alpnProtocols] }),
      ...(conf.certificates.length < 2
        ? {}
        : { SNICallback: (name: string, done: SniDone) => done(null, this.#bySni(name)) }),
    });
    this.#server.on('secureConnection', (socket) => this.#secured(socket));
    this.#server.on('tlsClientError', (error, socket) => this.#failed(error, socket));
  }

  accept(socket: Socket, handshake: Handshake): void {
    this.#handshakes.set(socket, handshake);
    this.#server.emit('connection', socket);
  }

  uses(secret: string): boolean {
    return this.#names.has(secret);
  }

  /** Builds the context again from the secrets as they are now; throws as the constructor does, the old context stays then. */
  refresh(): void {
    this.#server.setSecureContext(this.#options());
  }

  #options(): ReturnType<typeof contextOptions> {
    const { certificates, validation, parameters } = this.#conf;
    const options = contextOptions(this.#material, certificates, validation, parameters);
    const others = certificates.map((source, index) => ({
      certificate: new X509Certificate(this.#material.certificate(source).certificateChain),
      context: nodeTls().createSecureContext(
        contextOptions(this.#material, certificates, validation, parameters, index),
      ),
    }));
    this.#others = others.length < 2 ? [] : others;
    this.#localUriSan = typeof options.cert === 'string' ? uriSanOf(options.cert) : '';
    return options;
  }

  #bySni(name: string): SecureContext | undefined {
    return this.#others.find(({ certificate }) => certificate.checkHost(name) !== undefined)?.context;
  }

  #secured(socket: TLSSocket): void {
    const handshake = this.#take(socket);
    if (handshake === undefined) {
      socket.destroy();
      return;
    }
    const verdict = this.#check.judge(socket, this.#localUriSan);
    if (verdict.ok) handshake.secured(socket, verdict.peer);
    else {
      socket.on('error', ignore);
      socket.destroy();
      handshake.refused(verdict.reason, verdict.detail);
    }
  }

  #failed(error: Error, socket: TLSSocket): void {
    socket.on('error', ignore);
    socket.destroy();
    const verdict = errorCode(socket.authorizationError);
    const code = verdict === '' ? errorCode(error) : verdict;
    this.#take(socket)?.refused(refusalOf(code, verdict !== ''), code);
  }

  #take(socket: TLSSocket): Handshake | undefined {
    const raw = underlying(socket);
    if (raw === undefined) return undefined;
    const handshake = this.#handshakes.get(raw);
    this.#handshakes.delete(raw);
    return handshake;
  }
}

const ignore = (): void => undefined;
