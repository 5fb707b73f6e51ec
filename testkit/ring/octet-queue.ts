/** Octets that have come and are not read yet. */
export class OctetQueue {
  bytes: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): void {
    this.bytes = this.bytes.length === 0 ? chunk : Buffer.concat([this.bytes, chunk]);
  }

  skip(octets: number): void {
    this.bytes = this.bytes.subarray(octets);
  }
}
