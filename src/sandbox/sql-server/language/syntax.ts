// What a batch says, as a tree.
import type { SqlType, SqlValue } from '../type/sql-type.ts';

/** A name of up to four parts, the last of which is the object's. */
export type ObjectName = { parts: readonly string[] };

export type OrderItem = { expression: Expression; isDescending: boolean };
export type Window = { partition: Expression[]; order: OrderItem[]; frame: string };

export type Expression =
  | { kind: 'literal'; type: SqlType | null; value: SqlValue }
  | { kind: 'variable'; name: string }
  | { kind: 'column'; path: readonly string[] }
  | { kind: 'unary'; operator: '-' | '+' | '~' | 'NOT'; operand: Expression }
  | { kind: 'binary'; operator: string; left: Expression; right: Expression }
  | { kind: 'between'; isNegated: boolean; operand: Expression; low: Expression; high: Expression }
  | { kind: 'inList'; isNegated: boolean; operand: Expression; list: Expression[] }
  | { kind: 'inQuery'; isNegated: boolean; operand: Expression; query: Query }
  | { kind: 'like'; isNegated: boolean; operand: Expression; pattern: Expression; escape?: Expression }
  | { kind: 'isNull'; isNegated: boolean; operand: Expression }
  | { kind: 'exists'; query: Query }
  | { kind: 'subquery'; query: Query }
  | { kind: 'case'; operand?: Expression; branches: { when: Expression; result: Expression }[]; otherwise?: Expression }
  | { kind: 'cast'; operand: Expression; type: SqlType; isTry: boolean; style?: Expression }
  | { kind: 'default' }
  | {
      kind: 'call';
      name: string;
      arguments: Expression[];
      isDistinct: boolean;
      isStar: boolean;
      over?: Window;
      withinGroup?: OrderItem[];
    };

export type Item =
  | { kind: 'expression'; expression: Expression; alias?: string }
  | { kind: 'star'; path: readonly string[] }
  | { kind: 'assign'; variable: string; operator: string; expression: Expression };

export type Source =
  | { kind: 'table'; name: ObjectName; alias?: string }
  | { kind: 'derived'; query: Query; alias: string; columns: string[] }
  | { kind: 'rows'; rows: Expression[][]; alias: string; columns: string[] }
  | { kind: 'join'; join: string; left: Source; right: Source; on?: Expression }
  | { kind: 'apply'; isOuter: boolean; left: Source; right: Source };

export type Select = {
  kind: 'select';
  isDistinct: boolean;
  top?: { count: Expression; isPercent: boolean };
  items: Item[];
  from: Source[];
  where?: Expression;
  group: Expression[];
  having?: Expression;
};

export type QueryBody =
  | Select
  | { kind: 'set'; operator: 'UNION' | 'UNION ALL' | 'EXCEPT' | 'INTERSECT'; left: QueryBody; right: QueryBody };

export type Cte = { name: string; columns: string[]; query: Query };
export type Query = {
  with: Cte[];
  body: QueryBody;
  order: OrderItem[];
  offset?: Expression;
  fetch?: Expression;
  into?: ObjectName;
};

export type Assignment = { column: string; expression: Expression };
/** What OUTPUT returns of the rows that were written; `into` a table. */
export type Output = { items: Item[]; into?: ObjectName };

export type MergeAction =
  | { kind: 'update'; set: Assignment[] }
  | { kind: 'delete' }
  | { kind: 'insert'; columns: string[]; values: Expression[] | null };
export type MergeBranch = {
  when: 'MATCHED' | 'NOT MATCHED' | 'NOT MATCHED BY SOURCE';
  condition?: Expression;
  action: MergeAction;
};

export type ColumnDefinition = {
  name: string;
  type: SqlType;
  isNullable: boolean | null;
  identity?: { seed: bigint; increment: bigint };
  default?: Expression;
  isPrimary: boolean;
  isUnique: boolean;
  check?: Expression;
};
export type TableConstraint =
  | { kind: 'primary' | 'unique'; columns: string[] }
  | { kind: 'check'; expression: Expression };

export type ProcedureParameter = { name: string; type: SqlType; default?: SqlValue; isOutput: boolean };

export type ExecArgument = { name?: string; expression: Expression; isOutput: boolean };

export type ObjectKind = 'TABLE' | 'VIEW' | 'PROCEDURE' | 'SCHEMA' | 'INDEX';

export type Statement = { line: number } & (
  | { kind: 'select'; query: Query }
  | { kind: 'insert'; with: Cte[]; table: ObjectName; columns: string[]; rows: InsertRows; output?: Output }
  | {
      kind: 'update';
      with: Cte[];
      table: ObjectName;
      top?: Expression;
      set: Assignment[];
      from: Source[];
      where?: Expression;
      output?: Output;
    }
  | {
      kind: 'delete';
      with: Cte[];
      table: ObjectName;
      top?: Expression;
      from: Source[];
      where?: Expression;
      output?: Output;
    }
  | {
      kind: 'merge';
      with: Cte[];
      table: ObjectName;
      alias?: string;
      source: Source;
      on: Expression;
      branches: MergeBranch[];
      output?: Output;
    }
  | { kind: 'createTable'; table: ObjectName; columns: ColumnDefinition[]; constraints: TableConstraint[] }
  | { kind: 'createTableAs'; table: ObjectName; query: Query }
  | { kind: 'addColumns'; table: ObjectName; columns: ColumnDefinition[]; constraints: TableConstraint[] }
  | { kind: 'alterColumn'; table: ObjectName; column: ColumnDefinition }
  | { kind: 'dropColumns'; table: ObjectName; columns: string[]; ifExists: boolean }
  | { kind: 'createIndex'; table: ObjectName; name: string; columns: string[]; isUnique: boolean }
  | {
      kind: 'createView';
      name: ObjectName;
      columns: string[];
      query: Query;
      text: string;
      replaces: boolean;
      mustExist: boolean;
    }
  | {
      kind: 'createProcedure';
      name: ObjectName;
      parameters: ProcedureParameter[];
      body: Statement[];
      text: string;
      replaces: boolean;
      mustExist: boolean;
    }
  | { kind: 'createSchema'; name: string }
  | { kind: 'drop'; object: ObjectKind; names: ObjectName[]; ifExists: boolean; table?: ObjectName }
  | { kind: 'truncate'; table: ObjectName }
  | { kind: 'declare'; variables: { name: string; type: SqlType; value?: Expression }[] }
  | { kind: 'set'; variable: string; operator: string; expression: Expression }
  | { kind: 'option'; name: string; value: string }
  | { kind: 'identityInsert'; table: ObjectName; isOn: boolean }
  | { kind: 'if'; condition: Expression; yes: Statement; otherwise?: Statement }
  | { kind: 'while'; condition: Expression; body: Statement }
  | { kind: 'block'; statements: Statement[] }
  | { kind: 'try'; statements: Statement[]; handler: Statement[] }
  | { kind: 'print'; expression: Expression }
  | { kind: 'raiserror'; message: Expression; severity: Expression; state: Expression; arguments: Expression[] }
  | { kind: 'throw'; number?: Expression; message?: Expression; state?: Expression }
  | { kind: 'exec'; procedure: ObjectName; arguments: ExecArgument[]; result?: string }
  | { kind: 'execText'; expression: Expression }
  | { kind: 'begin' | 'commit' | 'rollback' | 'save'; name: string }
  | { kind: 'return'; expression?: Expression }
  | { kind: 'break' | 'continue' | 'nothing' }
  | { kind: 'use'; database: string }
  | { kind: 'insertBulk'; table: ObjectName; columns: { name: string; type: SqlType }[]; options: string[] }
);

export type InsertRows =
  | { kind: 'values'; rows: Expression[][] }
  | { kind: 'query'; query: Query }
  | { kind: 'default' }
  | { kind: 'exec'; statement: Statement };
