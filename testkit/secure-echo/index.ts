/**
 * An echo service that ends TLS itself. It shows the certificate of the server name that it was asked for and echoes, beside the request,
 * that name as `x-sni` and the common name of a verified client certificate as `x-client`.
 */
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import tls, { type TLSSocket } from 'node:tls';
import type { Echo } from '../echo/index.ts';

export interface SecureEchoOptions {
  /** PEM by server name; '' where none of them was asked for. */
  readonly certificates: ReadonlyMap<string, { readonly key: string; readonly cert: string }>;
  /** PEM: authorities of client certificates, which are asked for and not needed. */
  readonly clientAuthority: string;
}

export class SecureEcho {
  readonly #server: https.Server;

  constructor(name: string, { certificates, clientAuthority }: SecureEchoOptions) {
    const context = (server: string): tls.SecureContext =>
      tls.createSecureContext({ ...(certificates.get(server) ?? certificates.get('')), ca: clientAuthority });
    this.#server = https.createServer(
      {
        ...certificates.get(''),
        ca: clientAuthority,
        requestCert: true,
        rejectUnauthorized: false,
        SNICallback: (server, done) => done(null, context(server)),
      },
      (request, response) => {
        const socket = request.socket as TLSSocket & { readonly servername?: string };
        const headers = Object.fromEntries(
          Object.entries(request.headers).map(([key, value]) => [
            key,
            Array.isArray(value) ? value.join(',') : (value ?? ''),
          ]),
        );
        const client = socket.authorized ? String(socket.getPeerCertificate().subject?.CN ?? '') : '';
        const echo: Echo = {
          backend: name,
          method: request.method ?? '',
          version: request.httpVersion,
          path: request.url ?? '',
          headers: { ...headers, 'x-sni': String(socket.servername ?? ''), 'x-client': client },
          bodyLength: 0,
        };
        response.setHeader('x-backend', name).setHeader('content-type', 'application/json').end(JSON.stringify(echo));
      },
    );
  }

  /** The port it listens on, on 127.0.0.1. */
  async start(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
