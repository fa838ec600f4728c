# The managed variant: the same service on RDS, ElastiCache and S3. Not applied anywhere.

terraform {
  required_version = ">= 1.6"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.80"
    }
  }
}

provider "aws" {
  region = var.region
}

variable "region" {
  type    = string
  default = "eu-central-1"
}

variable "domain" {
  description = "Zone that holds the service's name"
  type        = string
  default     = "example.com"
}

variable "vpc_id" {
  type = string
}

variable "private_subnet_ids" {
  type = list(string)
}

variable "load_balancer" {
  description = "DNS name and zone id of the load balancer before the API"
  type        = object({ dns_name = string, zone_id = string })
}

variable "restore_to_time" {
  description = "RFC 3339. When set, the database is created as a copy of pennant at that time."
  type        = string
  default     = null
}

resource "aws_security_group" "data" {
  name   = "pennant-data"
  vpc_id = var.vpc_id

  ingress {
    description = "PostgreSQL from inside the network"
    from_port   = 5432
    to_port     = 5432
    protocol    = "tcp"
    self        = true
  }

  ingress {
    description = "Valkey from inside the network"
    from_port   = 6379
    to_port     = 6379
    protocol    = "tcp"
    self        = true
  }
}

resource "aws_db_subnet_group" "pennant" {
  name       = "pennant"
  subnet_ids = var.private_subnet_ids
}

resource "aws_db_instance" "pennant" {
  identifier                  = var.restore_to_time == null ? "pennant" : "pennant-restored"
  engine                      = "postgres"
  engine_version              = "18"
  instance_class              = "db.t4g.medium"
  allocated_storage           = 20
  storage_encrypted           = true
  db_name                     = var.restore_to_time == null ? "pennant" : null
  username                    = var.restore_to_time == null ? "pennant" : null
  manage_master_user_password = true
  multi_az                    = true
  db_subnet_group_name        = aws_db_subnet_group.pennant.name
  vpc_security_group_ids      = [aws_security_group.data.id]
  backup_retention_period     = 35
  backup_window               = "02:00-03:00"
  copy_tags_to_snapshot       = true
  deletion_protection         = true
  delete_automated_backups    = false
  skip_final_snapshot         = false
  final_snapshot_identifier   = "pennant-final"

  dynamic "restore_to_point_in_time" {
    for_each = var.restore_to_time == null ? [] : [var.restore_to_time]
    content {
      source_db_instance_identifier = "pennant"
      restore_time                  = restore_to_point_in_time.value
    }
  }
}

resource "aws_elasticache_subnet_group" "pennant" {
  name       = "pennant"
  subnet_ids = var.private_subnet_ids
}

resource "aws_elasticache_replication_group" "pennant" {
  replication_group_id       = "pennant"
  description                = "Pennant's read cache; may be lost at any time"
  engine                     = "valkey"
  engine_version             = "8.0"
  node_type                  = "cache.t4g.micro"
  num_cache_clusters         = 2
  automatic_failover_enabled = true
  transit_encryption_enabled = true
  at_rest_encryption_enabled = true
  subnet_group_name          = aws_elasticache_subnet_group.pennant.name
  security_group_ids         = [aws_security_group.data.id]
}

resource "aws_s3_bucket" "backups" {
  bucket              = "pennant-backups-${replace(var.domain, ".", "-")}"
  object_lock_enabled = true
}

resource "aws_s3_bucket_versioning" "backups" {
  bucket = aws_s3_bucket.backups.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_object_lock_configuration" "backups" {
  bucket = aws_s3_bucket.backups.id

  rule {
    default_retention {
      mode = "COMPLIANCE" # not even the account's root user deletes a backup early
      days = 35
    }
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "backups" {
  bucket = aws_s3_bucket.backups.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "aws:kms"
    }
  }
}

resource "aws_s3_bucket_public_access_block" "backups" {
  bucket                  = aws_s3_bucket.backups.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_lifecycle_configuration" "backups" {
  bucket = aws_s3_bucket.backups.id

  rule {
    id     = "expire"
    status = "Enabled"
    filter {}

    expiration {
      days = 90
    }

    noncurrent_version_expiration {
      noncurrent_days = 35
    }
  }
}

data "aws_route53_zone" "public" {
  name = var.domain
}

resource "aws_route53_record" "api" {
  zone_id = data.aws_route53_zone.public.zone_id
  name    = "flags.${var.domain}"
  type    = "A"

  alias {
    name                   = var.load_balancer.dns_name
    zone_id                = var.load_balancer.zone_id
    evaluate_target_health = true
  }
}

resource "aws_acm_certificate" "api" {
  domain_name       = "flags.${var.domain}"
  validation_method = "DNS"

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_route53_record" "api_validation" {
  for_each = {
    for option in aws_acm_certificate.api.domain_validation_options : option.domain_name => option
  }

  zone_id = data.aws_route53_zone.public.zone_id
  name    = each.value.resource_record_name
  type    = each.value.resource_record_type
  records = [each.value.resource_record_value]
  ttl     = 300
}

output "database_endpoint" {
  value = aws_db_instance.pennant.endpoint
}

output "cache_endpoint" {
  value = aws_elasticache_replication_group.pennant.primary_endpoint_address
}

output "backup_bucket" {
  value = aws_s3_bucket.backups.bucket
}
