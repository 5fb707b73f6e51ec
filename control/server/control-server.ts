/**
 * The control plane's doors: one TLS port and one Unix socket, each for gRPC (agents, xDS) and REST (API) alike. On TLS the protocol is
 * chosen by ALPN: a client that offers `http/1.1` gets REST, one that offers only `h2` gets gRPC (docs/decisions/005). On the Unix socket
 * the first bytes decide; its folder (mode 0700) is what keeps other users out.
 */
import { constants, type X509Certificate } from 'node:crypto';
import { chmodSync, unlinkSync } from 'node:fs';
import net, { type Server, type Socket } from 'node:net';
import tls, { type TLSSocket } from 'node:tls';
import { Admission, type ConnectionLimits } from './admission.ts';
import { ListenError } from './errors.ts';
import { sniffHttp2 } from './first-bytes.ts';
import { GrpcFront, type GrpcMethod } from './grpc-front.ts';
import { type Peer, tlsPeer } from './peer.ts';

export interface ServerTls {
  /** PEM: the server's certificate and what leads to a root. */
  readonly certificateChain: string;
  readonly privateKey: string;
  /** PEM of the roots under which client certificates are verified. */
  readonly roots: string;
  /** Trust domain of `roots`; undefined: they speak for all. */
  readonly trustDomain?: string | undefined;
  /** Further trust domains: clients that call one of these names are verified under its roots instead. */
  readonly domains?: ReadonlyMap<string, { readonly trustDomain: string; readonly roots: string }>;
}

export interface ControlServerOptions {
  readonly tls: ServerTls;
  readonly grpcMethods: readonly GrpcMethod[];
  /** Takes over a connection that speaks HTTP/1.1, bytes unread. */
  readonly restHandler: (socket: Socket, peer: Peer) => void;
  /** At most 107 bytes, in a folder of mode 0700. Absent: no Unix socket. */
  readonly unixPath?: string | undefined;
  /** Absent: no TLS port. Port 0: a free one. */
  readonly listen?: { readonly host: string; readonly port: number } | undefined;
  /** Of the TLS port; CONNECTION_LIMITS by default. */
  readonly limits?: ConnectionLimits;
  /** A TLS connection was closed for want of room; `peer` is its IP address. */
  readonly onCrowded?: (peer: string) => void;
  /** A client certificate that does not verify: the connection goes on without an identity. */
  readonly onCertificateRefused?: (peer: string, reason: string) => void;
  /** The leaf that a client presented; Node's own call by default, which before Node 26 loses 4.4 kB for each issuer that came with it. */
  readonly certificateOf?: (socket: TLSSocket) => X509Certificate | undefined;
}

const presented = (socket: TLSSocket): X509Certificate | undefined => socket.getPeerX509Certificate();

/** ms that a client may take for its handshake or its first bytes. */
const HELLO_TIMEOUT = 10_000;

export class ControlServer {
  readonly #options: ControlServerOptions;
  readonly #sockets = new Set<Socket>();
  /** TLS connections with an identity. */
  readonly #registrations = new Map<Socket, string>();
  #tls: tls.Server | undefined;
  #unix: Server | undefined;
  #onQuiet: () => void = () => {};
  #fronts: Fronts | undefined;
  readonly #admission: Admission;
  #domains: ServerTls['domains'];
  #contexts = new Map<string, tls.SecureContext>();

  constructor(options: ControlServerOptions) {
    this.#options = options;
    this.#useDomains(options.tls);
    this.#admission = new Admission(options.limits, options.onCrowded);
  }

  /** TLS connections that are open, handshakes included. */
  get connections(): number {
    return this.#admission.open;
  }

  /** TLS connections closed for want of room, since the start. */
  get refusedConnections(): number {
    return this.#admission.refused;
  }

  /** The TLS port in use; undefined before `start` and without one. */
  get port(): number | undefined {
    const address = this.#tls?.address();
    return typeof address === 'object' && address !== null ? address.port : undefined;
  }

  /** Throws ListenError; nothing stays open then. */
  async start(): Promise<void> {
    const { grpcMethods, listen, unixPath } = this.#options;
    const fronts: Fronts = {
      tls: new GrpcFront(grpcMethods, 'identified'),
      strangers: new GrpcFront(grpcMethods, 'stranger'),
      local: new GrpcFront(grpcMethods, 'local'),
    };
    this.#fronts = fronts;
    try {
      if (listen !== undefined) {
        this.#tls = this.#tlsServer(fronts);
        await listening(this.#tls, { host: listen.host, port: listen.port }, `${listen.host}:${listen.port}`);
      }
      if (unixPath !== undefined) {
        await removeDeadSocket(unixPath);
        this.#unix = this.#unixServer(fronts.local);
        await listening(this.#unix, { path: unixPath }, unixPath);
        chmodSync(unixPath, 0o600);
      }
    } catch (error) {
      await this.stop(0);
      throw error;
    }
  }

  /** For new connections; those that are open go on as they are. */
  setTls(value: ServerTls): void {
    this.#useDomains(value);
    this.#tls?.setSecureContext(secureContext(value));
  }

  #useDomains(value: ServerTls): void {
    this.#domains = value.domains;
    this.#contexts = new Map(
      [...(value.domains ?? [])].map(([name, { roots }]) => [
        name,
        tls.createSecureContext(secureContext({ ...value, roots })),
      ]),
    );
  }

  /** Cuts every connection that was attested as this registration: it was revoked. */
  disconnect(registration: string): void {
    for (const [socket, held] of this.#registrations) if (held === registration) socket.destroy();
  }

  /** Closes the listeners, lets open calls end for `graceMs` and closes the rest. */
  async stop(graceMs = 1000): Promise<void> {
    const closed = [this.#tls, this.#unix].map(
      (server) => new Promise<void>((resolve) => (server === undefined ? resolve() : server.close(() => resolve()))),
    );
    const fronts = this.#fronts;
    this.#fronts = undefined;
    if (graceMs > 0) {
      for (const front of Object.values(fronts ?? {})) front.drain(graceMs);
      await this.#quiet(graceMs);
    }
    for (const socket of this.#sockets) socket.destroy();
    for (const front of Object.values(fronts ?? {})) front.stop();
    await Promise.all(closed);
    this.#tls = undefined;
    this.#unix = undefined;
  }

  #tlsServer(fronts: Fronts): tls.Server {
    const raw = new Map<string, Socket>();
    const server = tls.createServer(
      {
        ...secureContext(this.#options.tls),
        requestCert: true,
        rejectUnauthorized: false,
        SNICallback: (name, done) => done(null, this.#contexts.get(name)),
        ALPNProtocols: ['http/1.1', 'h2'],
        handshakeTimeout: HELLO_TIMEOUT,
      },
      (socket) => {
        socket.on('error', () => socket.destroy());
        const { certificateOf = presented } = this.#options;
        const peer = tlsPeer(
          socket,
          certificateOf(socket),
          (name) => this.#domains?.get(name)?.trustDomain ?? this.#options.tls.trustDomain,
        );
        const key = tuple(socket);
        const below = raw.get(key);
        raw.delete(key);
        const registration = peer.kind === 'tls' ? (peer.identity?.registration ?? '') : '';
        if (below === undefined || !this.#admission.secured(below, registration)) {
          socket.destroy();
          return;
        }
        this.#attested(socket, peer);
        if (peer.kind === 'tls' && peer.refusal !== '')
          this.#options.onCertificateRefused?.(peer.address, peer.refusal);
        if (socket.alpnProtocol === 'h2') (registration === '' ? fronts.strangers : fronts.tls).accept(socket, peer);
        else this.#options.restHandler(socket, peer);
      },
    );
    // A handshake that fails is the client's affair: its socket is closed by then.
    server.on('tlsClientError', () => {});
    server.on('connection', (socket) => {
      this.#hold(socket);
      if (!this.#admission.arrived(socket)) return;
      const key = tuple(socket);
      raw.set(key, socket);
      socket.once('close', () => raw.get(key) === socket && raw.delete(key));
    });
    return server;
  }

  #unixServer(front: GrpcFront): Server {
    return net.createServer({ allowHalfOpen: true }, (socket) => {
      this.#hold(socket);
      sniffHttp2(socket, HELLO_TIMEOUT, (http2) => {
        if (http2) front.accept(socket, { kind: 'local' });
        else this.#options.restHandler(socket, { kind: 'local' });
      });
    });
  }

  /** Resolves when no connection is open, or after `ms`. */
  #quiet(ms: number): Promise<void> {
    if (this.#sockets.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#onQuiet = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #attested(socket: Socket, peer: Peer): void {
    if (peer.kind !== 'tls' || peer.identity === undefined) return;
    this.#registrations.set(socket, peer.identity.registration);
    socket.once('close', () => this.#registrations.delete(socket));
  }

  #hold(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      if (this.#sockets.size === 0) this.#onQuiet();
    });
    socket.on('error', () => socket.destroy());
  }
}

interface Fronts {
  readonly tls: GrpcFront;
  /** Without an identity: Join and Issue, or somebody who wants to know. */
  readonly strangers: GrpcFront;
  readonly local: GrpcFront;
}

/** Both ends: what tells a TLS socket's TCP connection from every other that is open. */
const tuple = ({ remoteAddress, remotePort, localAddress, localPort }: Socket): string =>
  `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`;

/** Without tickets and renegotiation: a resumed session would not be verified against today's roots. */
const secureContext = (value: ServerTls): tls.SecureContextOptions => ({
  cert: value.certificateChain,
  key: value.privateKey,
  ca: value.roots,
  minVersion: 'TLSv1.2',
  secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
});

function listening(server: Server, where: net.ListenOptions, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(ListenError.of(error, name)));
    server.listen({ ...where, backlog: 4096 }, resolve);
  });
}

/** A socket file that nobody answers on is what a killed process left. */
function removeDeadSocket(file: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = net.connect(file);
    probe.once('connect', () => {
      probe.destroy();
      reject(
        new ListenError(
          'socket-in-use',
          `another control plane answers on ${file}`,
          'End it, or choose another folder with --data',
        ),
      );
    });
    probe.once('error', (error: NodeJS.ErrnoException) => {
      try {
        if (error.code === 'ECONNREFUSED' || error.code === 'ENOTSOCK') unlinkSync(file);
        resolve();
      } catch (failure) {
        reject(ListenError.of(failure instanceof Error ? failure : error, file));
      }
    });
  });
}
