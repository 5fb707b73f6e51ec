/** envoy.extensions.filters.http.grpc_web.v3.GrpcWeb: gRPC-Web (gRPC's PROTOCOL-WEB) of a client, binary or text, as gRPC to the upstream. */
import type { Exchange } from '../../http/exchange.ts';
import { CONTINUE, type FilterVerdict, type HttpFilter } from '../filter.ts';
import type { FilterRun } from '../filter-run.ts';
import { GrpcWebExchange } from './web-exchange.ts';
import type { FilterMaker } from '../index.ts';

const BINARY = ['application/grpc-web', 'application/grpc-web+proto'];
const TEXT = ['application/grpc-web-text', 'application/grpc-web-text+proto'];

export class GrpcWebFilter implements HttpFilter {
  onRequest(exchange: Exchange, run: FilterRun, index: number): FilterVerdict {
    const { edit } = exchange.head;
    const type = edit.get('content-type') ?? '';
    const text = TEXT.includes(type);
    if (!text && !BINARY.includes(type)) return CONTINUE;
    // It counts the octets of this form of the body.
    edit.remove('content-length');
    edit.set('content-type', 'application/grpc');
    edit.set('te', 'trailers');
    if (!edit.has('grpc-accept-encoding')) edit.set('grpc-accept-encoding', 'identity');
    exchange.grpc = true;
    run.join(index, new GrpcWebExchange(text, TEXT.includes(edit.get('accept') ?? '')));
    return CONTINUE;
  }
}

export const make: FilterMaker<'grpc-web'> = () => new GrpcWebFilter();
