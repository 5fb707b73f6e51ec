/** One plain HTTP call with its whole answer, which is bounded. */
import type { FieldBlock } from '@weft/wire/http1';
import type { Call, CallError, HeaderPairs, HttpCallHandler, HttpRequest } from './port.ts';
import { type CallOwner, type CallParts, UpstreamCall } from './upstream-call.ts';

export class HttpCall implements Call, CallOwner {
  readonly #handler: HttpCallHandler;
  readonly #call: UpstreamCall;
  readonly #maxBody: number;
  #status = 0;
  #headers: HeaderPairs = [];
  readonly #slices: Uint8Array[] = [];
  #length = 0;

  constructor(parts: CallParts, request: HttpRequest, handler: HttpCallHandler) {
    const body = request.body ?? new Uint8Array(0);
    const bare = request.body === undefined && (request.method === 'GET' || request.method === 'HEAD');
    const headers: HeaderPairs = bare
      ? request.headers
      : [...request.headers, ['content-length', String(body.length)] as const];
    this.#handler = handler;
    this.#maxBody = request.maxBody;
    this.#call = new UpstreamCall(parts, this, { ...request, headers, grpc: false }, body);
    this.#call.start();
  }

  cancel(): void {
    this.#call.cancel();
  }

  callHead(status: number, head: FieldBlock): void {
    this.#status = status;
    this.#headers = pairsOf(head);
  }

  callData(bytes: Uint8Array, start: number, end: number): void {
    this.#length += end - start;
    if (this.#length > this.#maxBody) {
      this.#call.cancel();
      this.#handler.httpFailed('payload-too-large');
    } else this.#slices.push(bytes.slice(start, end));
  }

  callEnded(): void {
    this.#handler.httpAnswered({ status: this.#status, headers: this.#headers, body: joined(this.#slices) });
  }

  callFailed(error: CallError): void {
    this.#handler.httpFailed(error);
  }

  callDrained(): void {}
}

/** A section's fields as texts of their own. */
export function pairsOf(section: FieldBlock): HeaderPairs {
  const pairs: (readonly [string, string])[] = [];
  for (let index = 0; index < section.count; index += 1)
    if (!section.dropped(index)) pairs.push([section.name(index).toLowerCase(), section.value(index)]);
  return pairs;
}

function joined(slices: readonly Uint8Array[]): Uint8Array {
  const [only] = slices;
  if (only !== undefined && slices.length === 1) return only;
  const whole = new Uint8Array(slices.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const slice of slices) {
    whole.set(slice, at);
    at += slice.length;
  }
  return whole;
}
