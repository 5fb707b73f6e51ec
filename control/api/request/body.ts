/** Reads the body of a request within a limit. Never keeps more of it than the limit. */
import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { err, ok, type Result } from '@weft/core/kernel';
import { badRequest, type Status, tooLarge, unsupportedMediaType } from '../status.ts';
import { parseJson } from './json.ts';

/** Bytes; what a Kubernetes API server takes. */
export const MAX_BODY = 3 * 1024 * 1024;

/** The media type of a request without parameters, lower case; '' when absent. */
export const mediaType = (request: IncomingMessage): string =>
  (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';

export async function readBytes(request: IncomingMessage): Promise<Result<Buffer, Status>> {
  if ((request.headers['content-encoding'] ?? 'identity') !== 'identity') {
    return err(unsupportedMediaType('compressed bodies are not read: send it without Content-Encoding'));
  }
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY) return err(tooLarge(MAX_BODY));
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BODY) return err(tooLarge(MAX_BODY));
    chunks.push(chunk);
  }
  return ok(Buffer.concat(chunks));
}

export async function readText(request: IncomingMessage): Promise<Result<string, Status>> {
  const bytes = await readBytes(request);
  if (!bytes.ok) return bytes;
  const text = bytes.value.toString('utf8');
  return isUtf8(bytes.value) ? ok(text) : err(badRequest('the body is not UTF-8'));
}

export async function readJson(request: IncomingMessage): Promise<Result<unknown, Status>> {
  const text = await readText(request);
  if (!text.ok) return text;
  const value = parseJson(text.value);
  return value.ok ? value : err(badRequest(value.error));
}
