// Drives a local ECS with the AWS SDK for JavaScript v3; ends with an error at the first thing that is not as with AWS.
//
// usage: node drive.mjs ENDPOINT_URL
import assert from "node:assert/strict";

import * as autoscaling from "@aws-sdk/client-application-auto-scaling";
import * as cloudwatch from "@aws-sdk/client-cloudwatch";
import * as ecs from "@aws-sdk/client-ecs";
import * as elb from "@aws-sdk/client-elastic-load-balancing-v2";
import * as sts from "@aws-sdk/client-sts";

const settings = {
  endpoint: process.argv[2],
  region: "us-east-1",
  credentials: { accessKeyId: "local", secretAccessKey: "local" },
  maxAttempts: 1,
};
const waiting = { maxWaitTime: 60, minDelay: 1, maxDelay: 1 };

async function checkIdentity() {
  const client = new sts.STSClient(settings);
  assert.equal((await client.send(new sts.GetCallerIdentityCommand({}))).Account, "000000000000");
  const role = { RoleArn: "arn:aws:iam::123456789012:role/ops", RoleSessionName: "js" };
  const { Credentials: made } = await client.send(new sts.AssumeRoleCommand(role));
  assert.ok(made.Expiration instanceof Date && made.Expiration > new Date());
  const credentials = {
    accessKeyId: made.AccessKeyId,
    secretAccessKey: made.SecretAccessKey,
    sessionToken: made.SessionToken,
  };
  const assumed = new sts.STSClient({ ...settings, credentials });
  assert.match((await assumed.send(new sts.GetCallerIdentityCommand({}))).Arn, /:assumed-role\/ops\/js$/);
}

async function makeTargetGroup() {
  const client = new elb.ElasticLoadBalancingV2Client(settings);
  const group = { Name: "web", Protocol: "HTTP", Port: 8080, VpcId: "vpc-1", TargetType: "ip" };
  const { TargetGroups: groups } = await client.send(new elb.CreateTargetGroupCommand(group));
  const arn = groups[0].TargetGroupArn;
  const balancer = await client.send(new elb.CreateLoadBalancerCommand({ Name: "web", Subnets: ["subnet-1", "subnet-2"] }));
  const LoadBalancerArn = balancer.LoadBalancers[0].LoadBalancerArn;
  const forward = { Type: "forward", TargetGroupArn: arn };
  await client.send(new elb.CreateListenerCommand({ LoadBalancerArn, Protocol: "HTTP", Port: 80, DefaultActions: [forward] }));
  await elb.waitUntilLoadBalancerAvailable({ client, ...waiting }, { LoadBalancerArns: [LoadBalancerArn] });
  return { client, arn };
}

function definition(image) {
  const container = { name: "web", image, memory: 64, portMappings: [{ containerPort: 8080 }] };
  return { family: "web", networkMode: "awsvpc", containerDefinitions: [container] };
}

async function runService(client, targetGroupArn) {
  const service = { cluster: "js", services: ["web"] };
  await client.send(new ecs.CreateClusterCommand({ clusterName: "js" }));
  await client.send(new ecs.RegisterTaskDefinitionCommand(definition("one")));
  const created = await client.send(new ecs.CreateServiceCommand({
    cluster: "js",
    serviceName: "web",
    taskDefinition: "web",
    desiredCount: 2,
    networkConfiguration: { awsvpcConfiguration: { subnets: ["subnet-1"] } },
    loadBalancers: [{ targetGroupArn, containerName: "web", containerPort: 8080 }],
  }));
  assert.ok(created.service.createdAt instanceof Date);
  await ecs.waitUntilServicesStable({ client, ...waiting }, service);
  await client.send(new ecs.RegisterTaskDefinitionCommand(definition("two")));
  await client.send(new ecs.UpdateServiceCommand({ cluster: "js", service: "web", taskDefinition: "web", desiredCount: 3 }));
  await ecs.waitUntilServicesStable({ client, ...waiting }, service);
  const described = await client.send(new ecs.DescribeServicesCommand(service));
  assert.equal(described.services[0].runningCount, 3);
  assert.match(described.services[0].taskDefinition, /:task-definition\/web:2$/);
  const tasks = [];
  for await (const page of ecs.paginateListTasks({ client, pageSize: 2 }, { cluster: "js" })) tasks.push(...page.taskArns);
  assert.equal(tasks.length, 3);
}

async function checkTargets({ client, arn }) {
  const { TargetHealthDescriptions: targets } = await client.send(new elb.DescribeTargetHealthCommand({ TargetGroupArn: arn }));
  assert.equal(targets.filter((target) => target.TargetHealth.State === "healthy").length, 3);
}

async function checkScaling() {
  const client = new autoscaling.ApplicationAutoScalingClient(settings);
  const target = { ServiceNamespace: "ecs", ResourceId: "service/js/web", ScalableDimension: "ecs:service:DesiredCount" };
  await client.send(new autoscaling.RegisterScalableTargetCommand({ ...target, MinCapacity: 1, MaxCapacity: 9 }));
  const found = await client.send(new autoscaling.DescribeScalableTargetsCommand({ ServiceNamespace: "ecs" }));
  assert.equal(found.ScalableTargets[0].MaxCapacity, 9);
}

async function checkAlarm() {
  const client = new cloudwatch.CloudWatchClient(settings);
  await client.send(new cloudwatch.PutMetricAlarmCommand({
    AlarmName: "high", Namespace: "AWS/ECS", MetricName: "CPUUtilization", Statistic: "Average", Period: 60,
    EvaluationPeriods: 1, Threshold: 80, ComparisonOperator: "GreaterThanThreshold",
  }));
  const found = await client.send(new cloudwatch.DescribeAlarmsCommand({ AlarmNames: ["high"] }));
  assert.equal(found.MetricAlarms[0].Threshold, 80);
}

async function checkRefusals(client) {
  await assert.rejects(client.send(new ecs.ListTasksCommand({ cluster: "nowhere" })), ecs.ClusterNotFoundException);
  const stranger = new ecs.ECSClient({ ...settings, credentials: { accessKeyId: "local", secretAccessKey: "guessed" } });
  await assert.rejects(stranger.send(new ecs.ListClustersCommand({})), { name: "InvalidSignatureException" });
}

async function endService(client) {
  await client.send(new ecs.DeleteServiceCommand({ cluster: "js", service: "web", force: true }));
  await ecs.waitUntilServicesInactive({ client, ...waiting }, { cluster: "js", services: ["web"] });
}

const client = new ecs.ECSClient(settings);
await checkIdentity();
const group = await makeTargetGroup();
await runService(client, group.arn);
await checkTargets(group);
await checkScaling();
await checkAlarm();
await checkRefusals(client);
await endService(client);
console.log("all as with AWS");
