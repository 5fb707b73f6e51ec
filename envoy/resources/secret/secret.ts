/**
 * envoy.extensions.transport_sockets.tls.v3.Secret as SDS serves it: trust bundles (rows of ProxyConfig) and a workload's certificate
 * with its key. The latter is never part of a ProxyConfig: the agent writes it to its own socket and nowhere else.
 */
import { err, ok, type Diagnostic, type Result } from '@weft/core/kernel';
import type { TrustBundle } from '@weft/core/proxy-config';
import { Path, readInto, Report, writeMessage } from '../../codec/index.ts';
import type { Messages } from '../../tables/index.ts';
import { reading, type Cursor } from '../base/cursor.ts';

type Wire = Messages['envoy.extensions.transport_sockets.tls.v3.Secret'];
type Data = Messages['envoy.config.core.v3.DataSource'];

const SECRET = 'envoy.extensions.transport_sockets.tls.v3.Secret';

export type Secret =
  | { readonly kind: 'trust-bundle'; readonly bundle: TrustBundle }
  /** PEM texts: the chain from leaf to intermediate, and the leaf's private key. */
  | {
      readonly kind: 'certificate';
      readonly name: string;
      readonly certificateChain: string;
      readonly privateKey: string;
    };

export function decodeSecret(cursor: Cursor<Wire>): Secret {
  const name = cursor.take('name') ?? '';
  const roots = cursor.within('validation_context', (context) => context.within('trusted_ca', decodeText) ?? '');
  const certificate = cursor.within('tls_certificate', (tls) => ({
    certificateChain: tls.within('certificate_chain', decodeText) ?? '',
    privateKey: tls.within('private_key', decodeText) ?? '',
  }));
  if (certificate !== undefined) return { kind: 'certificate', name, ...certificate };
  if (roots === undefined)
    cursor.refuse('unsupported-value', 'only tls_certificate and validation_context are supported here');
  return { kind: 'trust-bundle', bundle: { name, roots: roots ?? '' } };
}

function decodeText(cursor: Cursor<Data>): string {
  const text = cursor.take('inline_string');
  if (text !== undefined) return text;
  const bytes = cursor.take('inline_bytes');
  if (bytes === undefined) {
    cursor.refuse('unsupported-value', 'only inline texts are supported here');
    return '';
  }
  return new TextDecoder().decode(bytes);
}

/** Texts travel as bytes, as Envoy's own tools write them. */
const inline = (text: string): Data => ({ inline_bytes: new TextEncoder().encode(text) });

export const encodeTrustBundle = (bundle: TrustBundle): Wire => ({
  name: bundle.name,
  validation_context: { trusted_ca: inline(bundle.roots) },
});

export function encodeSecret(secret: Secret): Wire {
  if (secret.kind === 'trust-bundle') return encodeTrustBundle(secret.bundle);
  const { name, certificateChain, privateKey } = secret;
  return { name, tls_certificate: { certificate_chain: inline(certificateChain), private_key: inline(privateKey) } };
}

/** The bytes of a Secret. */
export const writeSecret = (secret: Secret): Uint8Array => writeMessage(SECRET, encodeSecret(secret));

export function readSecret(bytes: Uint8Array): Result<Secret, readonly Diagnostic[]> {
  const report = new Report();
  const message = readInto(SECRET, bytes, report);
  if (message === undefined || report.failed) return err(report.diagnostics());
  const secret = reading(message, Path.ROOT, report, decodeSecret);
  return report.failed ? err(report.diagnostics()) : ok(secret);
}
