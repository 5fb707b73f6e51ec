/**
 * envoy.service.ext_proc.v3.ExternalProcessor/Process. The header `x-process`, of the request or the answer that is shown, says as JSON what the
 * service does with each part, by its name (`request_headers`, `response_body`, ...): `answer` is a ProcessingResponse with protobuf's names, `delay`
 * ms before it, `status` a gRPC status that ends the stream, `upper: true` the body in capitals, `ask` the fields of what was shown that go on in
 * the header `x-asked`. Any other part goes on as it is.
 */
import type http2 from 'node:http2';
import { Buffer } from 'node:buffer';
import { setTimeout as pause } from 'node:timers/promises';
import { readMessage, writeMessage } from '@weft/envoy/codec';
import type { Messages } from '@weft/envoy/tables';
import { jsonSource, readText } from '@weft/envoy/text';
import { MessageReader, prefixed } from '@weft/wire/grpc';
import { seen } from './seen.ts';

type Shown = Messages['envoy.service.ext_proc.v3.ProcessingRequest'];
type Part =
  | 'request_headers'
  | 'response_headers'
  | 'request_body'
  | 'response_body'
  | 'request_trailers'
  | 'response_trailers';

interface Step {
  readonly answer?: unknown;
  readonly delay?: number;
  readonly status?: number;
  readonly upper?: boolean;
  readonly ask?: string;
}

const PARTS: readonly Part[] = [
  'request_headers',
  'response_headers',
  'request_body',
  'response_body',
  'request_trailers',
  'response_trailers',
];
const LONGEST = 4 << 20;

export async function process(stream: http2.ServerHttp2Stream): Promise<void> {
  const messages = new MessageReader(LONGEST);
  const shown: Shown[] = [];
  let script: Partial<Record<Part, Step>> = {};
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  let status = 0;
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': String(status) }));
  for await (const slice of stream as AsyncIterable<Buffer>) {
    messages.read(slice, 0, slice.length, (bytes) => {
      const read = readMessage('envoy.service.ext_proc.v3.ProcessingRequest', bytes);
      if (read.ok) shown.push(read.value);
    });
    for (const one of shown.splice(0)) {
      const part = PARTS.find((name) => one[name] !== undefined);
      if (part === undefined) continue;
      script = { ...script, ...scriptIn(one) };
      const step = script[part] ?? {};
      if (step.delay !== undefined) await pause(step.delay);
      if (step.status !== undefined) {
        status = step.status;
        stream.end();
      }
      // Whoever leaves this loop resets the stream.
      if (stream.destroyed || stream.writableEnded) continue;
      stream.write(prefixed(answerOf(part, step, one)));
    }
  }
  if (!stream.writableEnded) stream.end();
}

function scriptIn(shown: Shown): Partial<Record<Part, Step>> {
  const headers = (shown.request_headers ?? shown.response_headers)?.headers?.headers ?? [];
  const said = headers.find(({ key }) => key === 'x-process');
  if (said === undefined) return {};
  const text = said.raw_value === undefined ? (said.value ?? '') : Buffer.from(said.raw_value).toString('latin1');
  return JSON.parse(text) as Partial<Record<Part, Step>>;
}

function answerOf(part: Part, step: Step, shown: Shown): Uint8Array {
  const { ask, upper } = step;
  const body =
    shown[part] !== undefined && 'body' in (shown[part] ?? {})
      ? (shown[part] as { body?: Uint8Array }).body
      : undefined;
  const common: Record<string, unknown> = {};
  const trailers = part === 'request_trailers' || part === 'response_trailers';
  if (ask !== undefined)
    common['header_mutation'] = {
      set_headers: [{ header: { key: 'x-asked', raw_value: base64(Buffer.from(seen(legible(shown), ask))) } }],
    };
  if (upper === true)
    common['body_mutation'] = {
      body: base64(
        Buffer.from(
          Buffer.from(body ?? [])
            .toString('latin1')
            .toUpperCase(),
        ),
      ),
    };
  const source = jsonSource(
    JSON.stringify(step.answer ?? { [part]: trailers ? common : { response: common } }),
    'answer',
  );
  if (source === undefined) throw new Error('not JSON');
  const read = readText('envoy.service.ext_proc.v3.ProcessingResponse', source);
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return writeMessage('envoy.service.ext_proc.v3.ProcessingResponse', read.value.message);
}

const base64 = (octets: Buffer): string => octets.toString('base64');

const textOf = (octets: Uint8Array | undefined): string => Buffer.from(octets ?? []).toString('latin1');

const sorted = (fields: object | undefined): object | undefined =>
  fields && Object.fromEntries(Object.entries(fields).toSorted(([a], [b]) => (a < b ? -1 : 1)));

/** Headers as an object of texts, bodies as text. */
function legible(shown: Shown): unknown {
  const heads = (['request_headers', 'response_headers'] as const).flatMap((part) => {
    const head = shown[part];
    if (head === undefined) return [];
    const headers = Object.fromEntries(
      (head.headers?.headers ?? []).map(({ key, raw_value: raw, value }) => [
        key,
        raw === undefined ? value : Buffer.from(raw).toString('latin1'),
      ]),
    );
    return [[part, { headers, end: head.end_of_stream ?? false }] as const];
  });
  const bodies = (['request_body', 'response_body'] as const).flatMap((part) => {
    const body = shown[part];
    if (body === undefined) return [];
    const text = Buffer.from(body.body ?? []).toString('latin1');
    return [[part, { text, end: body.end_of_stream ?? false }] as const];
  });
  const trailers = (['request_trailers', 'response_trailers'] as const).flatMap((part) => {
    const fields = shown[part]?.trailers?.headers;
    if (fields === undefined) return [];
    return [[part, Object.fromEntries(fields.map(({ key, raw_value: raw }) => [key, textOf(raw)]))] as const];
  });
  return {
    ...Object.fromEntries([...heads, ...bodies, ...trailers]),
    protocol_config: shown.protocol_config,
    attributes: sorted(shown.attributes?.get('envoy.filters.http.ext_proc')),
  };
}
