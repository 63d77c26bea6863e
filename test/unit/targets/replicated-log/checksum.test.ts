/** CRC-32, against another implementation of it. */
import assert from 'node:assert/strict';
import { crc32 as reference } from 'node:zlib';
import fc from 'fast-check';
import { crc32 } from '../../../../targets/replicated-log/checksum.ts';

describe('crc32', () => {
  it('should be the CRC-32 that others compute', () => {
    assert.equal(crc32(new TextEncoder().encode('123456789')), 0xcbf43926);
    fc.assert(fc.property(fc.uint8Array(), (bytes) => assert.equal(crc32(bytes), reference(bytes))));
  });
});
