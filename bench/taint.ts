/**
 * `node bench/taint.ts [--proxies N]`: a control plane (`weft up`) with N simulated proxies (1,000 by default: registration, certificate, lease;
 * each makes a new key when it is asked to replace its certificate), and `weft authority taint`. Says how long it took until every one had a
 * certificate under the new root and the old one was gone. Ends with 1 above 60 s, and when somebody was left out.
 */
import { createHash, generateKeyPairSync, type KeyObject, sign, X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Client, credentials } from '@grpc/grpc-js';
import {
  AGENT_METHODS,
  type AttachUp,
  attachUpJson,
  type IssueResponse,
  issueProofText,
  type JoinResponse,
  readAttachDown,
} from '@weft/core/agent-api';
import { TestMesh } from '@weft/testkit/mesh';
import { requestInfo, sequence, signedRequest } from '@weft/wire/der';

const { values } = parseArgs({
  options: { proxies: { type: 'string', default: '1000' }, json: { type: 'string' } },
});
const count = Number(values.proxies);
const LIMIT = 60_000;
/** Streams of one connection. */
const SHARED = 100;

const raw = (message: Buffer): Buffer => message;
const key = (): { readonly privateKey: KeyObject; readonly spki: Buffer } => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { privateKey, spki: publicKey.export({ format: 'der', type: 'spki' }) };
};

class SimulatedProxy {
  readonly #client: Client;
  readonly #name: string;
  readonly #key = key();
  #registration = '';
  /** SHA-256 of the intermediate above its certificate. */
  issuer = '';
  /** Roots that it trusts. */
  roots = '';

  constructor(client: Client, name: string) {
    this.#client = client;
    this.#name = name;
  }

  async start(): Promise<void> {
    const publicKey = this.#key.spki.toString('base64');
    const joined = (await this.#call(AGENT_METHODS.join, {
      publicKey,
      namespace: 'default',
      account: this.#name,
    })) as JoinResponse;
    this.#registration = joined.registration;
    this.roots = joined.bundle.roots;
    await this.#renew();
    const stream = this.#client.makeBidiStreamRequest(AGENT_METHODS.attach, raw, raw);
    const say = (message: AttachUp): void => void stream.write(Buffer.from(JSON.stringify(attachUpJson(message))));
    await new Promise<void>((registered, failed) => {
      stream.on('error', failed);
      stream.on('data', (bytes: Buffer) => {
        const read = readAttachDown(JSON.parse(bytes.toString()));
        if (!read.ok) throw new Error(JSON.stringify(read.error));
        const message = read.value;
        if (message.type === 'registered') registered();
        if (message.type === 'renew') setTimeout(() => void this.#renew(), Math.random() * message.within);
        if (message.type === 'bundle') {
          this.roots = message.bundle.roots;
          say({ type: 'bundleInUse', version: message.bundle.version });
        }
      });
      say({
        type: 'hello',
        registration: this.#registration,
        namespace: 'default',
        workload: {
          name: this.#name,
          labels: new Map([['app', this.#name]]),
          addresses: [{ ip: '127.0.0.1', network: '' }],
          ports: [{ name: 'http', port: 8080, protocol: 'http', proxyPort: 40_001 }],
          locality: { region: '', zone: '', subZone: '' },
        },
        service: undefined,
        instance: undefined,
        bundle: joined.bundle.version,
        readiness: new Map([['http', true]]),
      });
    });
  }

  async #renew(): Promise<void> {
    const { privateKey, spki } = key();
    const info = requestInfo(sequence(), spki);
    const csr = Buffer.from(signedRequest(info, sign('sha256', info, privateKey))).toString('base64');
    const text = Buffer.from(issueProofText(this.#registration, csr));
    const proof = sign('sha256', text, this.#key.privateKey).toString('base64');
    const issued = (await this.#call(AGENT_METHODS.issue, {
      registration: this.#registration,
      csr,
      proof,
    })) as IssueResponse;
    const [, above = ''] = issued.certificateChain.match(/-----BEGIN[^]+?-----END CERTIFICATE-----/g) ?? [];
    this.issuer = createHash('sha256').update(new X509Certificate(above).raw).digest('hex');
  }

  #call(method: string, message: object): Promise<unknown> {
    return new Promise((resolve, reject) =>
      this.#client.makeUnaryRequest(method, raw, raw, Buffer.from(JSON.stringify(message)), (error, answer) =>
        error === null ? resolve(JSON.parse((answer ?? Buffer.alloc(0)).toString())) : reject(error),
      ),
    );
  }
}

const mesh = new TestMesh();
const clients: Client[] = [];
try {
  await mesh.up();
  const proxies = Array.from({ length: count }, (_, index) => {
    if (index % SHARED === 0)
      clients.push(
        new Client(`unix:${path.join(mesh.data, 'control.sock')}`, credentials.createInsecure(), {
          'grpc.use_local_subchannel_pool': 1,
        }),
      );
    const client = clients.at(-1);
    if (client === undefined) throw new Error('no client');
    return new SimulatedProxy(client, `proxy-${index}`);
  });
  for (let at = 0; at < count; at += 50) await Promise.all(proxies.slice(at, at + 50).map((one) => one.start()));
  const before = new Set(proxies.map(({ issuer }) => issuer));
  const roots = proxies[0]?.roots ?? '';
  const began = performance.now();
  const outcome = await mesh.weft('authority', 'taint');
  const took = Math.round(performance.now() - began);
  const left = proxies.filter(({ issuer }) => before.has(issuer)).length;
  const trusting = proxies.filter((one) => one.roots.includes(roots)).length;
  const good = outcome.code === 0 && left === 0 && trusting === 0 && took <= LIMIT;
  process.stdout.write(
    `taint: ${count} proxies, ${(took / 1000).toFixed(1)} s until every certificate was replaced and the old root gone; ` +
      `${left} left out, ${trusting} still trust it${good ? '' : `\n${outcome.stdout}${outcome.stderr}`}\n`,
  );
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ proxies: count, tookMs: took })}\n`);
  process.exitCode = good ? 0 : 1;
} finally {
  for (const client of clients) client.close();
  await mesh[Symbol.asyncDispose]();
}
