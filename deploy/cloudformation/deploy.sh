#!/usr/bin/env bash
# Deploys ecs-recycler.yaml with the aws CLI; `deploy.sh --help` says how.
set -Eeuo pipefail
trap 'exit 1' ERR

usage() {
    cat <<'TEXT'
usage: deploy.sh --cluster CLUSTER --service SERVICE [OPTION...] [PARAMETER=VALUE...]
       deploy.sh --delete [--name NAME] [--region REGION]

Uploads the function's package to a bucket (made when there is none), creates or updates the stack NAME, and prints its
outputs. PARAMETER is any other parameter of ecs-recycler.yaml, such as RecycleIntervalHours=12; what is not given keeps
its value in a stack that is there.

  --cluster CLUSTER  cluster of the service to recycle
  --service SERVICE  service to recycle
  --name NAME        name of the stack, the function and what belongs to it (ecs-recycler)
  --package FILE     the function's package (build/lambda/ecs-recycler-lambda-x86_64.zip, made by `make lambda`)
  --bucket BUCKET    bucket for the package (ecs-recycler-ACCOUNT-REGION)
  --region REGION    AWS Region (that of the aws CLI)
  --delete           deletes the stack with its runs and logs; the bucket is kept
  --help             prints this

Exit codes: 0 done; 1 AWS refused, and what it said is above; 2 wrong usage, nothing was changed.
TEXT
}

refuse() {
    printf 'deploy.sh: %s\n' "$*" >&2
    exit 2
}

say() { printf 'deploy.sh: %s\n' "$*" >&2; }

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
template=$here/ecs-recycler.yaml
package=$here/../../build/lambda/ecs-recycler-lambda-x86_64.zip
name=ecs-recycler
cluster='' service='' bucket='' region='' delete=false
parameters=()

read_arguments() {
    while [[ $# -gt 0 ]]; do
        case $1 in
        --help | -h)
            usage
            exit 0
            ;;
        --delete) delete=true ;;
        --cluster | --service | --name | --package | --bucket | --region)
            [[ $# -ge 2 && -n $2 ]] || refuse "$1 needs a value"
            printf -v "${1#--}" '%s' "$2"
            shift
            ;;
        [A-Z]*=*)
            grep -q "^  ${1%%=*}:\$" <(sed -n '/^Parameters:/,/^Conditions:/p' "$template") ||
                refuse "ecs-recycler.yaml has no parameter ${1%%=*}"
            parameters+=("$1")
            ;;
        *) refuse "unknown: $1; deploy.sh --help says what there is" ;;
        esac
        shift
    done
}

check_arguments() {
    command -v aws >/dev/null || refuse "the aws CLI is not installed"
    [[ $name =~ ^[a-zA-Z][a-zA-Z0-9-]{0,39}$ ]] ||
        refuse "--name \"$name\": a letter, then letters, digits and -; 40 at most"
    ! $delete || return 0
    [[ -n $cluster ]] || refuse "--cluster is missing"
    [[ -n $service ]] || refuse "--service is missing"
    [[ -r $package ]] || refuse "--package $package: no such file; \`make lambda\` makes it"
}

# The region of every call from here on.
choose_region() {
    [[ -n $region ]] || region=${AWS_REGION:-${AWS_DEFAULT_REGION:-$(aws configure get region || true)}}
    [[ -n $region ]] || refuse "no region: give --region, or set AWS_REGION"
    export AWS_REGION=$region AWS_DEFAULT_REGION=$region
}

make_bucket() {
    [[ -n $bucket ]] || bucket=ecs-recycler-$(aws sts get-caller-identity --query Account --output text)-$region
    local problem
    if problem=$(aws s3api head-bucket --bucket "$bucket" 2>&1 >/dev/null); then
        return
    fi
    if [[ $problem != *404* ]]; then
        say "bucket $bucket cannot be used: $problem"
        return 1
    fi
    say "creating bucket $bucket"
    aws s3 mb "s3://$bucket" >/dev/null
    aws s3api put-public-access-block --bucket "$bucket" --public-access-block-configuration \
        BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true
}

# The key names the content: another package updates the function, the same one changes nothing.
upload_package() {
    local sum
    sum=$(sha256sum "$package")
    key=$name/${sum%% *}.zip
    say "uploading $(basename "$package") to s3://$bucket/$key"
    aws s3 cp --only-show-errors "$package" "s3://$bucket/$key"
}

deploy_stack() {
    say "deploying stack $name in $region"
    aws cloudformation deploy --stack-name "$name" --template-file "$template" --no-fail-on-empty-changeset \
        --capabilities CAPABILITY_NAMED_IAM --parameter-overrides "EcsClusterName=$cluster" \
        "EcsServiceName=$service" "ServiceName=$name" "CodeS3Bucket=$bucket" "CodeS3Key=$key" "${parameters[@]}" >&2
    aws cloudformation describe-stacks --stack-name "$name" --output table \
        --query 'Stacks[0].Outputs[].{Output: OutputKey, Value: OutputValue}'
}

delete_stack() {
    aws cloudformation describe-stacks --stack-name "$name" --query 'Stacks[0].StackName' >/dev/null
    aws cloudformation delete-stack --stack-name "$name"
    aws cloudformation wait stack-delete-complete --stack-name "$name"
    say "stack $name is deleted"
}

main() {
    read_arguments "$@"
    check_arguments
    choose_region
    if $delete; then
        delete_stack
    else
        make_bucket
        upload_package
        deploy_stack
    fi
}

main "$@"
