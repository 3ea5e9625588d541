// Archives as tests need them: well made, or wrong in one way.
import { crc32, deflateRawSync } from 'node:zlib';

/** A file of an archive. What is given beside its name and bytes is a lie about them. */
export type Packed = {
  name: string;
  bytes?: Buffer | string;
  size?: number;
  sum?: number;
  method?: number;
  flags?: number;
  mode?: number;
};

/** A zip archive, its files compressed. */
export const zipOf = (files: readonly Packed[], trailing = ''): Buffer => {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, bytes = 'x', flags = 0x800, method = 8, mode = 0o100644, ...lies } of files) {
    const content = Buffer.from(bytes);
    const packed = deflateRawSync(content);
    const path = Buffer.from(name);
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(20, 0);
    shared.writeUInt16LE(flags, 2);
    shared.writeUInt16LE(method, 4);
    shared.writeUInt32LE(lies.sum ?? crc32(content), 10);
    shared.writeUInt32LE(packed.length, 14);
    shared.writeUInt32LE(lies.size ?? content.length, 18);
    shared.writeUInt16LE(path.length, 22);
    const attributes = Buffer.alloc(14);
    attributes.writeUInt32LE(mode * 65536, 6);
    attributes.writeUInt32LE(offset, 10);
    const local = Buffer.concat([Buffer.from('PK\u0003\u0004'), shared, path, packed]);
    directory.push(Buffer.from('PK\u0001\u0002\u0014\u0003'), shared, attributes, path);
    locals.push(local);
    offset += local.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(files.length, 4);
  end.writeUInt16LE(files.length, 6);
  end.writeUInt32LE(listed.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...locals, listed, Buffer.from('PK\u0005\u0006'), end, Buffer.from(trailing)]);
};

/** One file of a tar archive with its header. */
export const tarEntry = ({ name, bytes = 'x', size }: Packed, type = '0'): Buffer => {
  const content = Buffer.from(bytes);
  const header = Buffer.alloc(512);
  header.write(name, 0, 100);
  header.write('0000644\0', 100);
  header.write(`${(size ?? content.length).toString(8).padStart(11, '0')}\0`, 124);
  header.write(`        ${type}`, 148);
  header.write('ustar\u000000', 257);
  const sum = header.reduce((all, byte) => all + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
};

/** A tar archive. */
export const tarOf = (files: readonly Packed[]): Buffer =>
  Buffer.concat([...files.map((file) => tarEntry(file)), Buffer.alloc(1024)]);
