// The shop's front: GET / places an order.
import { get, serve } from './http.mjs';

const orders = process.env.ORDERS_URL ?? 'http://127.0.0.1:7001';

serve(async (request) => {
  if (request.url === '/healthz') return { body: { ok: true } };
  return { body: { shop: 'open', order: await get(`${orders}/orders`) } };
});
