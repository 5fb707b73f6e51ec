/** The router: compiled routes, connection pools and forwarding. */
export { Forwarding } from './forwarding.ts';
export { Http1Pool } from './pool.ts';
export { type RoutePlan, RoutePlans } from './route-plan.ts';
