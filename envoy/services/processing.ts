/** envoy.service.ext_proc.v3: ProcessingRequest and ProcessingResponse. */
import type {
  BodyChange,
  HeaderChange,
  ProcessingPart,
  ProcessingQuestion,
  ProcessingVerdict,
} from '@weft/core/services';
import { Path, readMessage, Report, writeMessage } from '../codec/index.ts';
import { reading } from '../resources/base/cursor.ts';
import { enumName } from '../resources/base/enumeration.ts';
import { BODY_MODES, decodeModes } from '../resources/http-filters/ext-proc.ts';
import { enumType, type Messages } from '../tables/index.ts';
import { changeOf } from './authorization.ts';

type Request = Messages['envoy.service.ext_proc.v3.ProcessingRequest'];
type Response = Messages['envoy.service.ext_proc.v3.ProcessingResponse'];
type Common = Messages['envoy.service.ext_proc.v3.CommonResponse'];
type Mutation = Messages['envoy.service.ext_proc.v3.HeaderMutation'];

/** Attributes are told in the name of the filter, whatever it is called. */
const ATTRIBUTES = 'envoy.filters.http.ext_proc';
const NOTHING = new Uint8Array(0);

export const encodeProcessingRequest = (question: ProcessingQuestion): Uint8Array =>
  writeMessage('envoy.service.ext_proc.v3.ProcessingRequest', {
    ...shown(question),
    attributes: question.attributes === undefined ? undefined : new Map([[ATTRIBUTES, question.attributes]]),
    protocol_config:
      question.protocol === undefined
        ? undefined
        : {
            request_body_mode: enumName(question.protocol.requestBody, BODY_MODES),
            response_body_mode: enumName(question.protocol.responseBody, BODY_MODES),
          },
  });

function shown(question: ProcessingQuestion): Request {
  switch (question.part) {
    case 'request-headers':
      return { request_headers: headersOf(question) };
    case 'response-headers':
      return { response_headers: headersOf(question) };
    case 'request-trailers':
      return { request_trailers: trailersOf(question) };
    case 'response-trailers':
      return { response_trailers: trailersOf(question) };
    case 'request-body':
      return { request_body: bodyOf(question) };
    case 'response-body':
      return { response_body: bodyOf(question) };
  }
}

const headersOf = ({
  headers,
  ends,
}: Extract<ProcessingQuestion, { readonly headers: unknown }>): Messages['envoy.service.ext_proc.v3.HttpHeaders'] => ({
  headers: { headers: headers.map(([key, value]) => ({ key, raw_value: latin1(value) })) },
  end_of_stream: ends ? true : undefined,
});

const trailersOf = ({
  trailers,
}: Extract<
  ProcessingQuestion,
  { readonly trailers: unknown }
>): Messages['envoy.service.ext_proc.v3.HttpTrailers'] => ({
  trailers: { headers: trailers.map(([key, value]) => ({ key, raw_value: latin1(value) })) },
});

const bodyOf = ({
  body,
  ends,
}: Extract<ProcessingQuestion, { readonly body: unknown }>): Messages['envoy.service.ext_proc.v3.HttpBody'] => ({
  body: body.length === 0 ? undefined : body,
  end_of_stream: ends ? true : undefined,
});

/** Header values here have one character an octet. */
const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));
const textOf = (bytes: Uint8Array): string => {
  let text = '';
  for (const octet of bytes) text += String.fromCharCode(octet);
  return text;
};

/** undefined: it says nothing that can be followed. Its dynamic metadata is not taken, as in Envoy without receiving_namespaces. */
export function readProcessingVerdict(bytes: Uint8Array): ProcessingVerdict | undefined {
  const read = readMessage('envoy.service.ext_proc.v3.ProcessingResponse', bytes, { unknown: 'skip', keepAny: true });
  if (!read.ok) return undefined;
  const response = read.value;
  const { override_message_timeout: more, immediate_response: immediate } = response;
  if (immediate !== undefined) {
    return {
      kind: 'immediate',
      status: enumType('envoy.type.v3.StatusCode')?.numbers.get(immediate.status?.code ?? 'Empty') ?? 0,
      ...changesOf(immediate.headers),
      body: textOf(immediate.body ?? NOTHING),
      grpcStatus: immediate.grpc_status?.status,
      details: immediate.details ?? '',
    };
  }
  const said = partOf(response);
  if (said === undefined)
    return more === undefined
      ? undefined
      : { kind: 'more-time', timeout: Number(more.seconds ?? 0) * 1000 + (more.nanos ?? 0) / 1e6 };
  const [part, common] = said;
  const body = common.body_mutation;
  // What is not said here is not followed in part.
  if (body?.streamed_response !== undefined || common.trailers !== undefined) return undefined;
  const modes = modesOf(response);
  if (modes === 'refused') return undefined;
  return {
    kind: 'common',
    part,
    ...changesOf(common.header_mutation),
    body: bodyChange(body),
    replaces: common.status === 'CONTINUE_AND_REPLACE',
    clearsRoute: common.clear_route_cache ?? false,
    modes,
  };
}

function bodyChange(body: Messages['envoy.service.ext_proc.v3.BodyMutation'] | undefined): BodyChange {
  if (body?.body !== undefined) return { kind: 'set', body: body.body };
  return body?.clear_body === true ? { kind: 'set', body: NOTHING } : { kind: 'keep' };
}

function partOf(response: Response): [ProcessingPart, Common] | undefined {
  if (response.request_headers !== undefined) return ['request-headers', response.request_headers.response ?? {}];
  if (response.response_headers !== undefined) return ['response-headers', response.response_headers.response ?? {}];
  if (response.request_body !== undefined) return ['request-body', response.request_body.response ?? {}];
  if (response.response_body !== undefined) return ['response-body', response.response_body.response ?? {}];
  const { request_trailers: request, response_trailers: answer } = response;
  if (request !== undefined) return ['request-trailers', { header_mutation: request.header_mutation }];
  if (answer !== undefined) return ['response-trailers', { header_mutation: answer.header_mutation }];
  return undefined;
}

const changesOf = (
  mutation: Mutation | undefined,
): { readonly set: readonly HeaderChange[]; readonly remove: readonly string[] } => ({
  // As in Envoy `append` decides, and append_action is not asked.
  set: (mutation?.set_headers ?? []).map((option) => changeOf({ ...option, append: option.append ?? false }, true)),
  remove: (mutation?.remove_headers ?? []).map((name) => name.toLowerCase()),
});

function modesOf({ mode_override: override }: Response): ReturnType<typeof decodeModes> | undefined | 'refused' {
  if (override === undefined) return undefined;
  const report = new Report();
  const modes = reading(override, Path.ROOT, report, decodeModes);
  return report.failed ? 'refused' : modes;
}
