CREATE CONSTRAINT workspace_id IF NOT EXISTS
FOR (n:Workspace) REQUIRE (n.id) IS UNIQUE;

CREATE CONSTRAINT record_id IF NOT EXISTS
FOR (n:Record) REQUIRE (n.workspace, n.id) IS UNIQUE;

CREATE CONSTRAINT entry_revision IF NOT EXISTS
FOR (n:Entry) REQUIRE (n.workspace, n.revision) IS UNIQUE;

CREATE CONSTRAINT part_place IF NOT EXISTS
FOR (n:Part) REQUIRE (n.workspace, n.revision, n.part) IS UNIQUE;

CREATE CONSTRAINT personal_hash IF NOT EXISTS
FOR (n:Personal) REQUIRE (n.workspace, n.hash) IS UNIQUE;

CREATE CONSTRAINT remembered_key IF NOT EXISTS
FOR (n:Remembered) REQUIRE (n.workspace, n.name) IS UNIQUE;

CREATE CONSTRAINT token_id IF NOT EXISTS
FOR (n:Token) REQUIRE (n.workspace, n.id) IS UNIQUE;

CREATE CONSTRAINT audit_day IF NOT EXISTS
FOR (n:Audit) REQUIRE (n.workspace, n.asOf) IS UNIQUE;

CREATE INDEX objective_id IF NOT EXISTS
FOR (n:Objective) ON (n.workspace, n.id);

CREATE INDEX keyresult_id IF NOT EXISTS
FOR (n:KeyResult) ON (n.workspace, n.id);

CREATE INDEX person_id IF NOT EXISTS
FOR (n:Person) ON (n.workspace, n.id);

CREATE INDEX team_id IF NOT EXISTS
FOR (n:Team) ON (n.workspace, n.id);

CREATE INDEX period_id IF NOT EXISTS
FOR (n:Period) ON (n.workspace, n.id);

CREATE INDEX initiative_id IF NOT EXISTS
FOR (n:Initiative) ON (n.workspace, n.id);

CREATE INDEX kpi_id IF NOT EXISTS
FOR (n:Kpi) ON (n.workspace, n.id);

CREATE INDEX rolecharter_id IF NOT EXISTS
FOR (n:RoleCharter) ON (n.workspace, n.id);

CREATE INDEX checkin_id IF NOT EXISTS
FOR (n:CheckIn) ON (n.workspace, n.id);

CREATE INDEX removed_id IF NOT EXISTS
FOR (n:Removed) ON (n.workspace, n.id);

CREATE INDEX personal_person IF NOT EXISTS
FOR (n:Personal) ON (n.workspace, n.person);

CREATE INDEX remembered_revision IF NOT EXISTS
FOR (n:Remembered) ON (n.workspace, n.revision);

CREATE INDEX brokenreference_reference IF NOT EXISTS
FOR (n:BrokenReference) ON (n.workspace, n.reference);
