/**
 * A signer outside, behind one small port: it gets `{csr, trustDomain, lifetimeSeconds}` (the CSR in PEM) and answers `{certificate, chain,
 * roots}` (PEM; `chain` may be absent), as JSON. The key of the signing certificate is made here for each request and stays here. The port is
 * a program (request on standard input, answer on standard output) or a server (POST, on a Unix socket or over HTTPS). Both end in time.
 */
import { spawn } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import { err, ok, type Result, type WallClock } from '@weft/core/kernel';
import { requestInfo, signedRequest } from '@weft/wire/der';
import { distinguishedName } from './certificate.ts';
import { certificatesOf, checkIssuer, type ObtainedIssuer, type OutsideIssuer } from './outside-issuer.ts';

export type SignerAddress =
  | { readonly kind: 'program'; readonly file: string; readonly args: readonly string[] }
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'https'; readonly url: URL };

export interface SignerOptions {
  readonly address: SignerAddress;
  readonly trustDomain: string;
  readonly clock: WallClock;
  /** ms for one answer. */
  readonly timeout?: number;
}

const TIMEOUT = 15_000;
const MAX_ANSWER = 128 * 1024;
/** s of life that is asked for; the signer may give less. */
const LIFETIME = 365 * 86_400;

/** `exec:FILE ARG...`, `unix:PATH` or `https://HOST/PATH`; undefined when it is none of them. */
export function parseSignerAddress(text: string): SignerAddress | undefined {
  if (text.startsWith('exec:')) {
    const [file = '', ...args] = text.slice(5).trim().split(/\s+/);
    return file.startsWith('/') ? { kind: 'program', file, args } : undefined;
  }
  if (text.startsWith('unix:')) return text.startsWith('unix:/') ? { kind: 'unix', path: text.slice(5) } : undefined;
  if (!text.startsWith('https://') || !URL.canParse(text)) return undefined;
  return { kind: 'https', url: new URL(text) };
}

export class Signer implements OutsideIssuer {
  readonly kind = 'signer';
  readonly #options: SignerOptions;

  constructor(options: SignerOptions) {
    this.#options = options;
  }

  async obtain(): Promise<Result<ObtainedIssuer, string>> {
    const { address, trustDomain, clock, timeout = TIMEOUT } = this.#options;
    const { key, csr } = keyAndCsr();
    const request = JSON.stringify({ csr, trustDomain, lifetimeSeconds: LIFETIME });
    const text = await (address.kind === 'program'
      ? ask(address.file, address.args, request, timeout)
      : post(address, request, timeout));
    if (!text.ok) return err(`the signer gave nothing: ${text.error}`);
    const answer = parse(text.value);
    if (answer === undefined)
      return err('the signer’s answer is not a JSON object with PEM texts `certificate`, `roots` and perhaps `chain`');
    const [signing, ...rest] = certificatesOf(answer.certificate) ?? [];
    const links = certificatesOf(answer.chain);
    const roots = certificatesOf(answer.roots);
    if (signing === undefined || links === undefined || roots === undefined || roots.length === 0)
      return err('the signer’s answer holds no certificates');
    const checked = checkIssuer(createPrivateKey(key), signing, [...rest, ...links], roots, clock.now());
    return checked.ok ? checked : err(`the signer’s answer cannot be used: ${checked.error}`);
  }
}

/** PKCS #8 PEM of a new P-256 key, and a PKCS #10 request (RFC 2986) for it in PEM. */
function keyAndCsr(): { readonly key: string; readonly csr: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = publicKey.export({ format: 'der', type: 'spki' });
  const info = requestInfo(distinguishedName('commonName', 'Weft intermediate'), spki);
  const der = signedRequest(info, sign('sha256', info, privateKey));
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return {
    key: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    csr: `-----BEGIN CERTIFICATE REQUEST-----\n${lines.join('\n')}\n-----END CERTIFICATE REQUEST-----\n`,
  };
}

function parse(
  text: string,
): { readonly certificate: string; readonly chain: string; readonly roots: string } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return undefined;
    const { certificate, chain = '', roots } = value as Record<string, unknown>;
    return typeof certificate === 'string' && typeof chain === 'string' && typeof roots === 'string'
      ? { certificate, chain, roots }
      : undefined;
  } catch {
    return undefined;
  }
}

/** Standard output of a program that ended with 0. It is ended when it takes too long or says too much. */
function ask(file: string, args: readonly string[], input: string, timeout: number): Promise<Result<string, string>> {
  return new Promise((resolve) => {
    const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'ignore'], env: {}, timeout, killSignal: 'SIGKILL' });
    const parts: Buffer[] = [];
    let length = 0;
    child.stdout.on('data', (part: Buffer) => {
      length += part.length;
      if (length > MAX_ANSWER) child.kill('SIGKILL');
      else parts.push(part);
    });
    child.on('error', (error) => resolve(err(error.message)));
    child.on('close', (code, signal) => {
      if (length > MAX_ANSWER) resolve(err(`more than ${MAX_ANSWER} bytes`));
      else if (code === 0) resolve(ok(Buffer.concat(parts).toString('utf8')));
      else resolve(err(signal === null ? `it ended with ${code}` : `no answer within ${timeout} ms`));
    });
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

/** The body of a 200; no redirect is followed. */
function post(
  address: Exclude<SignerAddress, { kind: 'program' }>,
  body: string,
  timeout: number,
): Promise<Result<string, string>> {
  return new Promise((resolve) => {
    const options = {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      signal: AbortSignal.timeout(timeout),
    };
    const answered = (response: http.IncomingMessage): void => {
      const parts: Buffer[] = [];
      let length = 0;
      response.on('data', (part: Buffer) => {
        length += part.length;
        if (length > MAX_ANSWER) response.destroy(new Error(`more than ${MAX_ANSWER} bytes`));
        else parts.push(part);
      });
      response.on('error', (error) => resolve(err(error.message)));
      response.on('end', () =>
        resolve(
          response.statusCode === 200
            ? ok(Buffer.concat(parts).toString('utf8'))
            : err(`it answered ${response.statusCode ?? 0}`),
        ),
      );
    };
    const request =
      address.kind === 'unix'
        ? http.request({ socketPath: address.path, path: '/sign', ...options }, answered)
        : https.request(address.url, { agent: false, ...options }, answered);
    request.on('error', (error) =>
      resolve(
        err(
          error.name === 'TimeoutError' || error.name === 'AbortError'
            ? `no answer within ${timeout} ms`
            : error.message,
        ),
      ),
    );
    request.end(body);
  });
}
