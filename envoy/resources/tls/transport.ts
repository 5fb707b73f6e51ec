/**
 * Transport sockets (envoy.config.core.v3.TransportSocket): plaintext, DownstreamTlsContext and UpstreamTlsContext of
 * envoy.extensions.transport_sockets.tls.v3. Keys never pass here: secrets are names, static files are paths.
 */
import {
  STATIC_SECRET,
  type CertificateSource,
  type DownstreamTransport,
  type PeerValidation,
  type SdsSource,
  type TlsParameters,
  type UpstreamTransport,
} from '@weft/core/proxy-config';
import { pack, type Messages } from '../../tables/index.ts';
import { secretSource, decodeSecretSource } from '../base/config-source.ts';
import { decodeCertificate, decodeRoots } from './stated-secret.ts';
import { decodeChecks, encodeChecks, NO_CHECKS } from './peer-checks.ts';
import { readingAny, type Cursor } from '../base/cursor.ts';
import { enumName, takeEnum, type EnumTable } from '../base/enumeration.ts';
import { filled, some } from '../base/encoding.ts';

type TransportSocket = Messages['envoy.config.core.v3.TransportSocket'];
type Common = Messages['envoy.extensions.transport_sockets.tls.v3.CommonTlsContext'];
type Sds = Messages['envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig'];

const DOWNSTREAM = 'envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext';
const UPSTREAM = 'envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext';
const RAW = 'envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer';

const VERSIONS: EnumTable<TlsParameters['minimumVersion'], 'TLS_AUTO' | 'TLSv1_2' | 'TLSv1_3'> = [
  ['auto', 'TLS_AUTO'],
  ['1.2', 'TLSv1_2'],
  ['1.3', 'TLSv1_3'],
];

export function decodeDownstream(cursor: Cursor<TransportSocket>): DownstreamTransport {
  cursor.take('name');
  const transport = readingAny<DownstreamTransport>(
    cursor.take('typed_config'),
    cursor.at('typed_config'),
    cursor.report,
    {
      [RAW]: () => ({ kind: 'plaintext' }),
      [DOWNSTREAM]: (context) => {
        context.only('require_sni', false);
        context.only('ocsp_staple_policy', 'LENIENT_STAPLING');
        const requireClientCertificate = context.take('require_client_certificate') ?? false;
        const common = context.within('common_tls_context', decodeCommon) ?? NO_TLS;
        if (common.certificates.length === 0) {
          context.fault('common_tls_context', 'missing-field', 'a TLS server needs a certificate');
        }
        if (requireClientCertificate && common.validation === undefined) {
          context.fault('require_client_certificate', 'missing-field', 'needs a validation context to check it with');
        }
        return { kind: 'tls', ...common, requireClientCertificate };
      },
    },
  );
  return transport ?? { kind: 'plaintext' };
}

export function decodeUpstream(cursor: Cursor<TransportSocket>): UpstreamTransport {
  cursor.take('name');
  const transport = readingAny<UpstreamTransport>(
    cursor.take('typed_config'),
    cursor.at('typed_config'),
    cursor.report,
    {
      [RAW]: () => ({ kind: 'plaintext' }),
      [UPSTREAM]: (context) => {
        context.only('enforce_rsa_key_usage', true);
        const common = context.within('common_tls_context', decodeCommon) ?? NO_TLS;
        // No session is resumed, so that none is kept.
        context.take('max_session_keys');
        context.only('allow_renegotiation', false);
        if (context.has('auto_sni_san_validation') && common.validation === undefined)
          context.fault('auto_sni_san_validation', 'missing-field', 'needs a validation context');
        return {
          kind: 'tls',
          ...common,
          sni: context.take('sni') ?? '',
          sniFromEndpoint: context.take('auto_host_sni') ?? false,
          sanFromSni: context.take('auto_sni_san_validation') ?? false,
        };
      },
    },
  );
  return transport ?? { kind: 'plaintext' };
}

interface CommonTls {
  readonly certificates: readonly CertificateSource[];
  readonly validation: PeerValidation | undefined;
  readonly alpnProtocols: readonly string[];
  readonly parameters: TlsParameters;
}

const ANY_VERSION: TlsParameters = { minimumVersion: 'auto', maximumVersion: 'auto', cipherSuites: [], ecdhCurves: [] };
const NO_TLS: CommonTls = { certificates: [], validation: undefined, alpnProtocols: [], parameters: ANY_VERSION };

function decodeCommon(cursor: Cursor<Common>): CommonTls {
  const files = cursor.each('tls_certificates', (certificate) => decodeCertificate(certificate));
  const secrets = cursor.each(
    'tls_certificate_sds_secret_configs',
    (secret): CertificateSource => ({
      kind: 'sds',
      ...decodeSds(secret),
    }),
  );
  return {
    certificates: [...files, ...secrets],
    validation: decodeValidation(cursor),
    alpnProtocols: cursor.take('alpn_protocols') ?? [],
    parameters: cursor.within('tls_params', decodeParameters) ?? ANY_VERSION,
  };
}

const decodeSds = (cursor: Cursor<Sds>): Omit<SdsSource, 'kind'> => {
  const name = cursor.take('name') ?? '';
  if (!cursor.has('sds_config')) return { name, sdsCluster: STATIC_SECRET };
  return { name, sdsCluster: undefined, ...cursor.within('sds_config', decodeSecretSource) };
};

const decodeParameters = (
  cursor: Cursor<Messages['envoy.extensions.transport_sockets.tls.v3.TlsParameters']>,
): TlsParameters => ({
  minimumVersion: takeEnum(cursor, 'tls_minimum_protocol_version', VERSIONS),
  maximumVersion: takeEnum(cursor, 'tls_maximum_protocol_version', VERSIONS),
  cipherSuites: cursor.take('cipher_suites') ?? [],
  ecdhCurves: cursor.take('ecdh_curves') ?? [],
});

function decodeValidation(cursor: Cursor<Common>): PeerValidation | undefined {
  const own = cursor.within('validation_context', (context): PeerValidation => {
    const trust = context.within('trusted_ca', decodeRoots);
    const checks = decodeChecks(context);
    if (trust === undefined)
      context.fault('trusted_ca', 'missing-field', 'without trusted_ca nothing is verified', 'name a file or use SDS');
    return { trust: trust ?? { kind: 'file', path: '' }, ...checks };
  });
  const named = cursor.within(
    'validation_context_sds_secret_config',
    (secret): PeerValidation => ({
      trust: { kind: 'sds', ...decodeSds(secret) },
      ...NO_CHECKS,
    }),
  );
  const combined = cursor.within('combined_validation_context', (both): PeerValidation | undefined => {
    const checks = both.within('default_validation_context', decodeChecks) ?? NO_CHECKS;
    const sds = both.within('validation_context_sds_secret_config', decodeSds);
    return sds === undefined ? undefined : { trust: { kind: 'sds', ...sds }, ...checks };
  });
  return own ?? named ?? combined;
}

export const encodeDownstream = (transport: DownstreamTransport): TransportSocket | undefined =>
  transport.kind === 'plaintext'
    ? undefined
    : {
        name: 'envoy.transport_sockets.tls',
        typed_config: pack(DOWNSTREAM, {
          common_tls_context: encodeCommon(transport),
          require_client_certificate: transport.requireClientCertificate ? true : undefined,
        }),
      };

export const encodeUpstream = (transport: UpstreamTransport): TransportSocket | undefined =>
  transport.kind === 'plaintext'
    ? undefined
    : {
        name: 'envoy.transport_sockets.tls',
        typed_config: pack(UPSTREAM, {
          common_tls_context: encodeCommon(transport),
          sni: transport.sni,
          auto_host_sni: transport.sniFromEndpoint ? true : undefined,
          auto_sni_san_validation: transport.sanFromSni ? true : undefined,
        }),
      };

export const RAW_BUFFER: TransportSocket = { name: 'envoy.transport_sockets.raw_buffer', typed_config: pack(RAW, {}) };

const file = (path: string): Messages['envoy.config.core.v3.DataSource'] => ({ filename: path });

const sdsReference = (source: SdsSource): Sds => ({
  name: source.name,
  sds_config: source.sdsCluster === STATIC_SECRET ? undefined : secretSource(source),
});

const encodeCommon = (tls: CommonTls): Common => ({
  tls_params: filled({
    tls_minimum_protocol_version: enumName(tls.parameters.minimumVersion, VERSIONS),
    tls_maximum_protocol_version: enumName(tls.parameters.maximumVersion, VERSIONS),
    cipher_suites: some(tls.parameters.cipherSuites),
    ecdh_curves: some(tls.parameters.ecdhCurves),
  }),
  tls_certificates: some(
    tls.certificates.flatMap((source) =>
      source.kind === 'files'
        ? [{ certificate_chain: file(source.certificateChain), private_key: file(source.privateKey) }]
        : [],
    ),
  ),
  tls_certificate_sds_secret_configs: some(
    tls.certificates.flatMap((source) => (source.kind === 'sds' ? [sdsReference(source)] : [])),
  ),
  alpn_protocols: some(tls.alpnProtocols),
  ...(tls.validation === undefined ? {} : encodeValidation(tls.validation)),
});

function encodeValidation(validation: PeerValidation): Common {
  const { trust } = validation;
  const checks = encodeChecks(validation);
  if (trust.kind === 'file') return { validation_context: { trusted_ca: file(trust.path), ...checks } };
  if (trust.kind === 'inline') return { validation_context: { trusted_ca: { inline_string: trust.pem }, ...checks } };
  const secret = sdsReference(trust);
  return checks === undefined
    ? { validation_context_sds_secret_config: secret }
    : {
        combined_validation_context: {
          default_validation_context: checks,
          validation_context_sds_secret_config: secret,
        },
      };
}
