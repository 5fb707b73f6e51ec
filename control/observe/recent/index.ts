/** Requests that happened, kept for a while: `weft why`, `plan --seen` and `learn` ask it. */
export { type KeptRequest, outcomeOf } from './kept-request.ts';
export { RecentRequests } from './recent-requests.ts';
