-- police/residents 1.0.0: 常住人口 · police/residents
CREATE TABLE "t_residents" (
    "c_resident_id" varchar(18) NOT NULL,
    "c_name" varchar(64) NOT NULL,
    "c_sex" varchar(4),
    "c_birth_date" varchar(8),
    "c_updated_at" timestamp NOT NULL,
    PRIMARY KEY ("c_resident_id")
);
COMMENT ON TABLE "t_residents" IS '常住人口 · police/residents';
COMMENT ON COLUMN "t_residents"."c_resident_id" IS '字段resident_id · Resident id';
COMMENT ON COLUMN "t_residents"."c_name" IS '字段name · Name';
COMMENT ON COLUMN "t_residents"."c_sex" IS '字段sex · Sex';
COMMENT ON COLUMN "t_residents"."c_birth_date" IS '字段birth_date · Birth date';
COMMENT ON COLUMN "t_residents"."c_updated_at" IS '字段updated_at · Updated at';
