-- Statistics of columns. Weft has none.
SELECT CAST(NULL AS oid) AS starelid, CAST(NULL AS smallint) AS staattnum, CAST(NULL AS boolean) AS stainherit,
  CAST(NULL AS real) AS stanullfrac, CAST(NULL AS integer) AS stawidth, CAST(NULL AS real) AS stadistinct,
  CAST(NULL AS smallint) AS stakind1, CAST(NULL AS smallint) AS stakind2, CAST(NULL AS smallint) AS stakind3,
  CAST(NULL AS smallint) AS stakind4, CAST(NULL AS smallint) AS stakind5, CAST(NULL AS oid) AS staop1,
  CAST(NULL AS oid) AS staop2, CAST(NULL AS oid) AS staop3, CAST(NULL AS oid) AS staop4, CAST(NULL AS oid) AS staop5,
  CAST(NULL AS oid) AS stacoll1, CAST(NULL AS oid) AS stacoll2, CAST(NULL AS oid) AS stacoll3,
  CAST(NULL AS oid) AS stacoll4, CAST(NULL AS oid) AS stacoll5, CAST(NULL AS real[]) AS stanumbers1,
  CAST(NULL AS real[]) AS stanumbers2, CAST(NULL AS real[]) AS stanumbers3, CAST(NULL AS real[]) AS stanumbers4,
  CAST(NULL AS real[]) AS stanumbers5, CAST(NULL AS anyarray) AS stavalues1, CAST(NULL AS anyarray) AS stavalues2,
  CAST(NULL AS anyarray) AS stavalues3, CAST(NULL AS anyarray) AS stavalues4, CAST(NULL AS anyarray) AS stavalues5
WHERE false;
