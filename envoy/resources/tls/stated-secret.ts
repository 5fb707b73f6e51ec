/**
 * Certificates, keys and roots that stand in a configuration itself. Files stay files; keys that are inline, and what is in the environment, become a
 * secret beside the rows (Report.secrets), which name it by its place: no key gets into a ProxyConfig. Only a bootstrap may hold such. Roots are public:
 * they stay where they are.
 */
import { STATIC_SECRET, type CertificateSource, type PeerValidation, type TextSource } from '@weft/core/proxy-config';
import type { Messages } from '../../tables/index.ts';
import type { Cursor } from '../base/cursor.ts';
import { decodeTextSource } from '../base/text-source.ts';

type WireCertificate = Messages['envoy.extensions.transport_sockets.tls.v3.TlsCertificate'];
type WireSecret = Messages['envoy.extensions.transport_sockets.tls.v3.Secret'];
type Data = Messages['envoy.config.core.v3.DataSource'];

const NOWHERE: TextSource = { kind: 'file', path: '' };

export function decodeCertificate(cursor: Cursor<WireCertificate>): CertificateSource {
  const { chain, key } = takePair(cursor);
  if (chain.kind === 'file' && key.kind === 'file')
    return { kind: 'files', certificateChain: chain.path, privateKey: key.path };
  const name = cursor.path.toString();
  state(cursor, { kind: 'certificate', name, certificateChain: chain, privateKey: key });
  return { kind: 'sds', name, sdsCluster: STATIC_SECRET };
}

function takePair(cursor: Cursor<WireCertificate>): { readonly chain: TextSource; readonly key: TextSource } {
  const take = (field: 'certificate_chain' | 'private_key'): TextSource => {
    const source = cursor.within(field, decodeTextSource);
    if (source === undefined) cursor.fault(field, 'missing-field', 'a certificate needs chain and key');
    return source ?? NOWHERE;
  };
  return { chain: take('certificate_chain'), key: take('private_key') };
}

export function decodeRoots(cursor: Cursor<Data>): PeerValidation['trust'] {
  const source = decodeTextSource(cursor);
  if (source.kind === 'file') return { kind: 'file', path: source.path };
  if (source.kind === 'inline') return { kind: 'inline', pem: source.text };
  const name = cursor.path.toString();
  state(cursor, { kind: 'trust', name, roots: source });
  return { kind: 'sds', name, sdsCluster: STATIC_SECRET };
}

/** An entry of static_resources.secrets. */
export function decodeStaticSecret(cursor: Cursor<WireSecret>): void {
  const name = cursor.take('name') ?? '';
  const certificate = cursor.within('tls_certificate', takePair);
  const roots = cursor.within('validation_context', (context) => context.within('trusted_ca', decodeTextSource));
  if (certificate !== undefined)
    state(cursor, { kind: 'certificate', name, certificateChain: certificate.chain, privateKey: certificate.key });
  else if (roots !== undefined) state(cursor, { kind: 'trust', name, roots });
  else cursor.refuse('unsupported-value', 'only tls_certificate and validation_context.trusted_ca are supported here');
}

function state(
  cursor: Cursor<never> | Cursor<WireCertificate> | Cursor<Data> | Cursor<WireSecret>,
  secret: NonNullable<Cursor<Data>['report']['secrets']>[number],
): void {
  const { report } = cursor;
  if (report.secrets === undefined)
    report.fault(cursor.path, 'unsupported-value', 'only files are supported here', 'put it into a file or use SDS');
  else report.secrets.push(secret);
}
