// The table of the measures of rows, as text and as columns of SQL.

/** Lines of eight columns, as of sales: numbers, a date, words, an amount. At least `bytes` of them, header included. */
export const salesText = (bytes: number): string => {
  let text = 'id,day,region,product,quantity,price,customer,note\r\n';
  for (let id = 1; text.length < bytes; id += 1) {
    const any = (id * 2654435761) >>> 0;
    text += `${id},2024-0${(any % 9) + 1}-1${any % 10},region ${any % 37},product ${any % 9973},${any % 100},${any % 1000}.${any % 90},${any.toString(36)}@example.com,"note, ${any % 7}"\r\n`;
  }
  return text;
};

/** Its columns, in SQL that SQL Server and DuckDB both take. */
export const salesColumns =
  'id int, day date, region varchar(40), product varchar(40), quantity int, price decimal(10,2), customer varchar(60), note varchar(40)';
