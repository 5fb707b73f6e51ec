/**
 * The bundle endpoint (SPIFFE Federation, 5): trust bundles for other trust domains over HTTPS. `/` answers that of the mesh `default`,
 * `/TRUSTDOMAIN` that of another mesh. With an SVID (https_spiffe) its name is `spiffe://TRUSTDOMAIN/weft/bundle-endpoint`; with a certificate of
 * the web's authorities (https_web) the files are read again for each renewal. Public material only; no request needs an identity.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { type Authorities, formatSpiffeBundle } from '@weft/control/authority';
import { formatSpiffeId } from '@weft/core/identity';
import type { WallClock } from '@weft/core/kernel';
import type { ListenAddress } from './addresses.ts';

export interface BundleEndpointOptions {
  readonly listen: ListenAddress;
  readonly authorities: Authorities;
  /** Trust domain of the mesh `default`. */
  readonly primary: () => string;
  readonly clock: WallClock;
  /** PEM files of a certificate of the web's authorities; undefined: an SVID. */
  readonly files?: { readonly certificate: string; readonly key: string } | undefined;
}

/** s after which others ask again. */
const REFRESH_HINT = 300;
const RENEW = 3_600_000;

export class BundleEndpoint {
  readonly #options: BundleEndpointOptions;
  readonly #server: https.Server;
  /** By trust domain: hash of the bundle, and when it came to be. */
  readonly #sequences = new Map<string, { readonly hash: string; readonly sequence: number }>();
  #renewal: NodeJS.Timeout | undefined;

  constructor(options: BundleEndpointOptions) {
    this.#options = options;
    this.#server = https.createServer(
      { minVersion: 'TLSv1.2', maxHeaderSize: 8192, headersTimeout: 10_000, requestTimeout: 10_000 },
      (request, response) => {
        const body = request.method === 'GET' ? this.#answer(request.url ?? '/') : undefined;
        if (body === undefined) response.writeHead(request.method === 'GET' ? 404 : 405).end();
        else response.writeHead(200, { 'content-type': 'application/json' }).end(body);
      },
    );
    this.#server.maxConnections = 200;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo | null)?.port ?? this.#options.listen.port;
  }

  /** Rejects when the port cannot be had or the files cannot be read. */
  async start(): Promise<void> {
    this.renew();
    const { host, port } = this.#options.listen;
    await new Promise<void>((done, failed) => {
      this.#server.once('error', failed);
      this.#server.listen(port, host, done);
    });
    this.#renewal = setInterval(() => this.renew(), RENEW);
    this.#renewal.unref();
  }

  /** A certificate under the roots of now. Throws when the files cannot be read. */
  renew(): void {
    const { authorities, primary, files } = this.#options;
    if (files !== undefined) {
      this.#server.setSecureContext({
        cert: readFileSync(files.certificate, 'utf8'),
        key: readFileSync(files.key, 'utf8'),
      });
      return;
    }
    const id = formatSpiffeId({ trustDomain: primary(), path: '/weft/bundle-endpoint' });
    const { certificateChain, privateKey } = authorities.primary.issueEndpointIdentity(id);
    this.#server.setSecureContext({ cert: certificateChain, key: privateKey });
  }

  async stop(): Promise<void> {
    clearInterval(this.#renewal);
    this.#server.closeAllConnections();
    await new Promise<void>((done) => this.#server.close(() => done()));
  }

  #answer(url: string): string | undefined {
    const { authorities, primary, clock } = this.#options;
    const trustDomain = url === '/' ? primary() : url.slice(1);
    if (!authorities.has(trustDomain)) return undefined;
    const bundle = authorities.domain(trustDomain);
    const hash = createHash('sha256').update(JSON.stringify(bundle)).digest('hex');
    const known = this.#sequences.get(trustDomain);
    // Seconds of the clock: it grows across restarts too.
    const sequence = known?.hash === hash ? known.sequence : Math.floor(clock.now() / 1000);
    this.#sequences.set(trustDomain, { hash, sequence });
    return formatSpiffeBundle(bundle, { sequence, refreshHint: REFRESH_HINT });
  }
}
