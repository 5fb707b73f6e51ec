/**
 * What an answer means by the text of RFC 9112 and RFC 9113, read independently of the engine's codec. An engine may refuse more than this; it must
 * never hand on what this does not read, nor something else than this reads.
 */
import type { Answer, Http1Answer, Http2Answer } from './answer-payload.ts';
import { FIELD_LINE, HOP_BY_HOP, LOWER_TOKEN, readChunks, VALUE } from './reference.ts';
import type { Field } from './payload.ts';

export interface AnswerMeaning {
  readonly status: number;
  /** End-to-end fields, names in lower case. */
  readonly fields: readonly Field[];
  readonly body: string;
}

export type AnswerReading =
  | AnswerMeaning
  /** Nothing of it may reach a client. */
  | 'bad'
  /** The head is good and its body never ends well: a client may see the head and must learn of the break. */
  | 'cut'
  /** More must come. */
  | 'more';

export const readAnswer = (answer: Answer): AnswerReading =>
  answer.protocol === 'http1' ? readHttp1Answer(answer) : readHttp2Answer(answer);

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: [\t -~\x80-\xff]*)?$/;

export function readHttp1Answer({ text, method, closes }: Http1Answer): AnswerReading {
  for (let at = 0; ; ) {
    const headEnd = text.indexOf('\r\n\r\n', at);
    if (headEnd < 0) return closes ? 'bad' : 'more';
    const [line = '', ...lines] = text.slice(at, headEnd).split('\r\n');
    const [, minor = '', digits = ''] = STATUS_LINE.exec(line) ?? [];
    const status = Number(digits);
    const fields: Field[] = [];
    for (const one of lines) {
      const match = FIELD_LINE.exec(one);
      if (match === null) return 'bad';
      fields.push([(match[1] ?? '').toLowerCase(), match[2] ?? '']);
    }
    if (digits === '' || status === 101) return 'bad';
    at = headEnd + 4;
    if (status < 200) continue;
    return readBody({ text, method, closes }, at, { minor, status, fields });
  }
}

function readBody(
  { text, method, closes }: Pick<Http1Answer, 'text' | 'method' | 'closes'>,
  at: number,
  { minor, status, fields }: { readonly minor: string; readonly status: number; readonly fields: readonly Field[] },
): AnswerReading {
  const values = (name: string): string[] => fields.filter(([other]) => other === name).map(([, value]) => value);
  const codings = values('transfer-encoding');
  const lengths = values('content-length');
  if (codings.length + lengths.length > 1) return 'bad';
  if (codings.length === 1 && (codings[0]?.toLowerCase() !== 'chunked' || minor === '0')) return 'bad';
  if (lengths.length === 1 && !/^(?:0|[1-9]\d{0,15})$/.test(lengths[0] ?? '')) return 'bad';
  const options = values('connection').flatMap((value) =>
    value
      .toLowerCase()
      .split(',')
      .map((option) => option.trim()),
  );
  const meaning = (body: string): AnswerMeaning => ({
    status,
    fields: fields.filter(([name]) => !HOP_BY_HOP.has(name) && !options.includes(name)),
    body,
  });
  if (method === 'HEAD' || status === 204 || status === 304) return meaning('');
  if (codings.length === 1) {
    const chunks = readChunks(text, at);
    if (chunks === 'bad') return 'cut';
    if (chunks === 'more') return closes ? 'cut' : 'more';
    return meaning(chunks.body);
  }
  if (lengths.length === 1) {
    const length = Number(lengths[0]);
    if (text.length - at < length) return closes ? 'cut' : 'more';
    return meaning(text.slice(at, at + length));
  }
  return closes ? meaning(text.slice(at)) : 'more';
}

const CONNECTION_FIELDS = ['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade'];

function readHttp2Answer({ sections, data, trailers, ends, method }: Http2Answer): AnswerReading {
  for (const [index, section] of sections.entries()) {
    const statuses = section.filter(([name]) => name.startsWith(':'));
    const [first] = section;
    const digits = first?.[1] ?? '';
    if (statuses.length !== 1 || first?.[0] !== ':status' || !/^[1-9]\d\d$/.test(digits)) return 'bad';
    const status = Number(digits);
    const fields = section.slice(1);
    if (fields.some(([name, value]) => !LOWER_TOKEN.test(name) || !VALUE.test(value))) return 'bad';
    if (fields.some(([name]) => CONNECTION_FIELDS.includes(name)) || status === 101) return 'bad';
    const last = index === sections.length - 1;
    if (status < 200) {
      if (last) return 'bad';
      continue;
    }
    if (!last) return 'bad';
    const lengths = fields.filter(([name]) => name === 'content-length').map(([, value]) => value);
    if (lengths.length > 1 || lengths.some((value) => !/^(?:0|[1-9]\d{0,15})$/.test(value))) return 'bad';
    const body = data.join('');
    const bodiless = method === 'HEAD' || status === 204 || status === 304;
    if (bodiless ? body !== '' : lengths.length === 1 && Number(lengths[0]) !== body.length) return 'cut';
    if (
      trailers?.some(
        ([name, value]) => !LOWER_TOKEN.test(name) || !VALUE.test(value) || CONNECTION_FIELDS.includes(name),
      )
    )
      return 'cut';
    if (ends === 'reset') return 'cut';
    return { status, fields: fields.filter(([name]) => !HOP_BY_HOP.has(name)), body };
  }
  return 'bad';
}
