/** envoy.service.auth.v3: CheckRequest and CheckResponse. */
import type { CheckPeer, CheckQuestion, CheckVerdict, HeaderChange } from '@weft/core/services';
import type { MetadataStruct } from '@weft/core/proxy-config';
import { readMessage, readUtf8, writeMessage } from '../codec/index.ts';
import { enumType, type Messages } from '../tables/index.ts';

type Option = Messages['envoy.config.core.v3.HeaderValueOption'];
type Peer = Messages['envoy.service.auth.v3.AttributeContext.Peer'];

const NO_METADATA: MetadataStruct = {};

export function encodeCheckRequest(question: CheckQuestion): Uint8Array {
  const { body, bodyAsBytes, metadata, serverName } = question;
  return writeMessage('envoy.service.auth.v3.CheckRequest', {
    attributes: {
      source: peerOf(question.source),
      destination: peerOf(question.destination),
      request: {
        time: timeOf(question.time),
        http: {
          id: question.id,
          method: question.method,
          headers: new Map(question.headers),
          path: question.path,
          host: question.host,
          scheme: question.scheme || undefined,
          size: question.size === 0 ? undefined : question.size,
          protocol: question.protocol,
          ...(body === undefined || body.length === 0 ? {} : bodyAsBytes ? { raw_body: body } : { body: textOf(body) }),
        },
      },
      context_extensions: new Map(question.contextExtensions),
      metadata_context: metadata.size === 0 ? {} : { filter_metadata: metadata },
      route_metadata_context: {},
      tls_session: serverName === undefined ? undefined : { sni: serverName || undefined },
    },
  });
}

const peerOf = (peer: CheckPeer): Peer => ({
  address:
    peer.address === undefined
      ? undefined
      : { socket_address: { address: peer.address.ip, port_value: peer.address.port } },
  principal: peer.principal || undefined,
  service: peer.service || undefined,
  certificate: peer.certificate || undefined,
});

function timeOf(ms: number): Messages['google.protobuf.Timestamp'] {
  const seconds = Math.floor(ms / 1000);
  const nanos = Math.round((ms - seconds * 1000) * 1e6);
  return { seconds, ...(nanos === 0 ? {} : { nanos }) };
}

/** Where a body is no UTF-8, its octets outside of ASCII go as `!`. */
const textOf = (bytes: Uint8Array): string =>
  readUtf8(bytes, 0, bytes.length) ??
  Array.from(bytes, (octet) => (octet < 128 ? String.fromCharCode(octet) : '!')).join('');

export function readCheckVerdict(bytes: Uint8Array): CheckVerdict | undefined {
  const read = readMessage('envoy.service.auth.v3.CheckResponse', bytes, { unknown: 'skip', keepAny: true });
  if (!read.ok) return undefined;
  const {
    status,
    ok_response: ok,
    denied_response: denied,
    error_response: error,
    dynamic_metadata: told,
  } = read.value;
  const metadata = (told ?? ok?.dynamic_metadata ?? NO_METADATA) as MetadataStruct;
  if ((status?.code ?? 0) === 0) {
    return {
      kind: 'ok',
      request: (ok?.headers ?? []).map((option) => changeOf(option, false)),
      remove: (ok?.headers_to_remove ?? []).map((name) => name.toLowerCase()),
      response: (ok?.response_headers_to_add ?? []).map((option) => changeOf(option, true)),
      querySet: (ok?.query_parameters_to_set ?? []).map(({ key, value }) => [key ?? '', value ?? ''] as const),
      queryRemove: ok?.query_parameters_to_remove ?? [],
      metadata,
    };
  }
  if (error !== undefined) return undefined;
  return {
    kind: 'denied',
    status: enumType('envoy.type.v3.StatusCode')?.numbers.get(denied?.status?.code ?? 'Empty') ?? 0,
    headers: (denied?.headers ?? []).map((option) => changeOf(option, false)),
    body: denied?.body ?? '',
    metadata,
  };
}

const ACTIONS: Readonly<Record<string, HeaderChange['action']>> = {
  APPEND_IF_EXISTS_OR_ADD: 'add',
  ADD_IF_ABSENT: 'add-if-absent',
  OVERWRITE_IF_EXISTS: 'set-if-exists',
  OVERWRITE_IF_EXISTS_OR_ADD: 'set',
};

/** `byAction`: append_action counts where `append` does not stand there; else the header replaces what is there. */
export function changeOf({ header, append, append_action: action }: Option, byAction: boolean): HeaderChange {
  const name = (header?.key ?? '').toLowerCase();
  const raw = header?.raw_value;
  const value = raw === undefined || raw.length === 0 ? (header?.value ?? '') : textOf(raw);
  if (append !== undefined) return { name, value, action: append ? (byAction ? 'add' : 'append-if-exists') : 'set' };
  return { name, value, action: byAction ? (ACTIONS[action ?? 'APPEND_IF_EXISTS_OR_ADD'] ?? 'add') : 'set' };
}
