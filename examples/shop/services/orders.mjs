// Orders, in two versions: asks the inventory (gRPC) and takes the payment (HTTP).
import { get, serve } from './http.mjs';
import { reserve } from './inventory-client.mjs';

const version = process.env.VERSION ?? 'v1';
const payments = process.env.PAYMENTS_URL ?? 'http://127.0.0.1:7002';
const inventory = process.env.INVENTORY_ADDRESS ?? '127.0.0.1:7003';

serve(async (request) => {
  if (request.url === '/healthz') return { body: { ok: true } };
  const [stock, payment] = await Promise.all([reserve(inventory, 'tea'), get(`${payments}/pay`)]);
  return { body: { orders: version, pid: process.pid, stock: stock.left, payment: payment.payment } };
});
