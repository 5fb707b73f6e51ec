/** A whole request by itself, as it goes to another cluster than the exchange's: its head may be changed, the exchange's is not. */
import type { ByteWriter } from '@weft/wire/http1';
import type { Exchange } from '../http/exchange.ts';
import { HeaderEdit } from '../http/header-edit.ts';
import { RequestBody } from './request-body.ts';
import type { OutgoingRequest } from './upstream-client.ts';

export class RequestCopy implements OutgoingRequest {
  /** `edit` has all fields, `host` among them. */
  readonly head: { readonly method: string; readonly scheme: string; readonly host: string; readonly edit: HeaderEdit };
  readonly target: string;
  readonly upgrade = '';
  readonly reader: OutgoingRequest['reader'];
  readonly context: { readonly upstreamOut: ByteWriter };
  readonly body = new RequestBody();

  /** Of a request whose whole body is held. */
  constructor(exchange: Exchange) {
    const { head, router, context, reader } = exchange;
    const { method, scheme, host } = head;
    this.head = { method, scheme, host, edit: new HeaderEdit() };
    this.target = exchange.target ?? exchange.pathText();
    this.reader = reader;
    this.context = context;
    const { edit } = this.head;
    head.edit.copyTo(edit);
    edit.set('host', head.edit.get('host') ?? host);
    const out = context.upstreamOut;
    router.body.copy(out);
    const octets = out.take();
    this.body.reset(false, false);
    if (octets.length > 0) this.body.push(octets);
    this.body.ended = true;
    if (router.body.chunked) edit.set('content-length', String(octets.length));
  }
}
