// Every place that credentials come from, through a whole session: what it asks, and what it says when it fails.
#include "aws/session.hpp"
#include "aws/signing.hpp"
#include "base/text.hpp"
#include "sigv4/sigv4.hpp"
#include "tests/support/fake_machine.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/scripted_transport.hpp"

#include <chrono>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ecsr::aws {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using testing::FakeMachine;
using ::testing::HasSubstr;
using testing::http_answer;
using testing::ManualClock;
using ::testing::Not;
using testing::ScriptedTransport;
using ::testing::StartsWith;

constexpr const char* config_path = "/fake/home/.aws/config";
constexpr const char* credentials_path = "/fake/home/.aws/credentials";

const ServiceInfo ecs{"ecs", "ecs", "ECS", "ecs", Protocol::Json11, "AmazonEC2ContainerServiceV20141113", ""};

std::string sts_answer(const std::string& operation, const std::string& id, const std::string& expiration) {
    return "<" + operation + "Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><" + operation +
           "Result><Credentials><AccessKeyId>" + id + "</AccessKeyId><SecretAccessKey>not-told</SecretAccessKey>" +
           "<SessionToken>token-of-" + id + "</SessionToken><Expiration>" + expiration +
           "</Expiration></Credentials></" + operation + "Result></" + operation + "Response>";
}

std::string json_credentials(const std::string& id, const std::string& token_key = "Token") {
    return R"({"Code":"Success","AccessKeyId":")" + id + R"(","SecretAccessKey":"not-told",")" + token_key +
           R"(":"token-of-)" + id + R"(","Expiration":"2026-01-02T09:00:00Z"})";
}

struct Fixture {
    Fixture() {
        machine.variables["AWS_REGION"] = "eu-west-1";
        machine.variables["AWS_EC2_METADATA_DISABLED"] = "true";
    }

    // What find_credentials says, or the error.
    std::string find() {
        auto session = Session::create(transport, clock, Random(1), machine.environment(), options);
        if (!session) { return session.error().message; }
        const auto origin = (*session)->find_credentials({});
        EXPECT_TRUE(origin || origin.error().kind == ErrorKind::Credentials) << to_string(origin.error().kind);
        const std::string text = origin ? *origin : origin.error().message;
        EXPECT_THAT(text, Not(HasSubstr("not-told")));
        EXPECT_THAT(text, Not(HasSubstr("\n")));
        return text;
    }

    // The access key that signs an ECS call.
    std::string key_used() {
        transport.route_operation("ListClusters", [](const HttpRequest&) { return http_answer(200, "{}"); });
        auto session = Session::create(transport, clock, Random(1), machine.environment(), options);
        if (!session) { return session.error().message; }
        const auto body = (*session)->call({&ecs, "ListClusters", "{}", Repeat::Safe}, {});
        if (!body) { return body.error().message; }
        const std::string authorization(find_header(transport.sent().back().request.headers, "Authorization"));
        const auto begin = authorization.find("Credential=") + 11;
        return authorization.substr(begin, authorization.find('/') - begin);
    }

    void answer_sts(const std::string& operation, const std::string& id) {
        transport.route_operation(operation, [=](const HttpRequest&) {
            return http_answer(200, sts_answer(operation, id, "2026-01-02T04:04:05Z"));
        });
    }

    FakeMachine machine;
    ManualClock clock;
    ScriptedTransport transport;
    SessionOptions options;
};

TEST(Credentials, FlagsComeBeforeEverything) {
    Fixture fixture;
    fixture.machine.variables["AWS_ACCESS_KEY_ID"] = "ENV";
    fixture.machine.variables["AWS_SECRET_ACCESS_KEY"] = "not-told";
    fixture.options.access_key_id = "FLAG";
    fixture.options.secret_access_key = "not-told";
    EXPECT_EQ(fixture.find(), "command line");
    EXPECT_EQ(fixture.key_used(), "FLAG");
}

TEST(Credentials, EnvironmentComesBeforeTheProfileUnlessTheProfileIsAFlag) {
    Fixture fixture;
    fixture.machine.variables["AWS_ACCESS_KEY_ID"] = "ENV";
    fixture.machine.variables["AWS_SECRET_ACCESS_KEY"] = "not-told";
    fixture.machine.variables["AWS_PROFILE"] = "dev";
    fixture.machine.files[credentials_path] = "[dev]\naws_access_key_id = FILE\naws_secret_access_key = not-told\n";
    EXPECT_EQ(fixture.find(), "environment");
    fixture.options.profile = "dev";
    EXPECT_EQ(fixture.find(), "profile dev, credentials file");
    EXPECT_EQ(fixture.key_used(), "FILE");
}

TEST(Credentials, HalfAKeyPairIsAnErrorWhereverItIs) {
    Fixture fixture;
    fixture.machine.variables["AWS_ACCESS_KEY_ID"] = "ENV";
    EXPECT_EQ(fixture.find(), "environment: AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not");
    fixture.machine.variables.erase("AWS_ACCESS_KEY_ID");
    fixture.machine.files[credentials_path] = "[default]\naws_access_key_id = AK\n";
    EXPECT_EQ(fixture.find(), "profile default, credentials file: there is aws_access_key_id, but no "
                              "aws_secret_access_key");
}

TEST(Credentials, EnvironmentThatHasExpiredSaysWhen) {
    Fixture fixture;
    fixture.machine.variables["AWS_ACCESS_KEY_ID"] = "ENV";
    fixture.machine.variables["AWS_SECRET_ACCESS_KEY"] = "not-told";
    fixture.machine.variables["AWS_CREDENTIAL_EXPIRATION"] = "2026-01-02T03:00:00Z";
    EXPECT_EQ(fixture.find(), "the credentials of environment expired at 2026-01-02T03:00:00Z");
}

TEST(Credentials, CredentialsFileComesBeforeProcessAndProcessBeforeConfigFile) {
    Fixture fixture;
    fixture.machine.files[config_path] = "[default]\naws_access_key_id = CONFIG\naws_secret_access_key = not-told\n";
    EXPECT_EQ(fixture.find(), "profile default, config file");
    fixture.machine.files[config_path] += "credential_process = /bin/helper --for \"me too\"\n";
    fixture.machine.outputs["/bin/helper"] = R"({"Version":1,"AccessKeyId":"PROC","SecretAccessKey":"not-told"})";
    EXPECT_EQ(fixture.find(), "profile default, credential_process");
    EXPECT_THAT(fixture.machine.runs.back(), ElementsAre("/bin/helper", "--for", "me too"));
    fixture.machine.files[credentials_path] = "[default]\naws_access_key_id = FILE\naws_secret_access_key = not-told\n";
    EXPECT_EQ(fixture.find(), "profile default, credentials file");
}

TEST(Credentials, ProcessThatGivesNothingUsefulIsExplained) {
    Fixture fixture;
    fixture.machine.files[config_path] = "[default]\ncredential_process = helper\n";
    const std::string begin = "profile default, credential_process: ";
    EXPECT_THAT(fixture.find(), StartsWith(begin + "cannot run helper"));
    fixture.machine.outputs["helper"] = "not-told";
    EXPECT_EQ(fixture.find(), begin + "helper did not give a JSON object");
    fixture.machine.outputs["helper"] = R"({"Version":2,"AccessKeyId":"A","SecretAccessKey":"not-told"})";
    EXPECT_EQ(fixture.find(), begin + "helper did not give \"Version\": 1");
    fixture.machine.outputs["helper"] = R"({"Version":1,"AccessKeyId":"A"})";
    EXPECT_EQ(fixture.find(), begin + "helper gave no AccessKeyId and SecretAccessKey");
    fixture.machine.outputs["helper"] =
        R"({"Version":1,"AccessKeyId":"A","SecretAccessKey":"not-told","Expiration":"soon"})";
    EXPECT_THAT(fixture.find(), StartsWith(begin + "Expiration from helper: \"soon\" is not a time"));
}

TEST(AssumeRole, KeysOfTheSourceProfileSignTheRequest) {
    Fixture fixture;
    fixture.machine.files[config_path] = "[profile ops]\nrole_arn = arn:aws:iam::1:role/ops\nsource_profile = base\n"
                                         "external_id = e/1\nrole_session_name = me\nduration_seconds = 900\n";
    fixture.machine.files[credentials_path] = "[base]\naws_access_key_id = BASE\naws_secret_access_key = not-told\n";
    fixture.options.profile = "ops";
    fixture.answer_sts("AssumeRole", "ROLE");
    EXPECT_EQ(fixture.find(), "profile ops, role arn:aws:iam::1:role/ops");
    const auto request = fixture.transport.sent().back().request;
    EXPECT_EQ(request.url, "https://sts.eu-west-1.amazonaws.com/");
    EXPECT_EQ(request.body, "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fops&"
                            "RoleSessionName=me&DurationSeconds=900&ExternalId=e%2F1");
    EXPECT_THAT(std::string(find_header(request.headers, "Authorization")),
                HasSubstr("Credential=BASE/20260102/eu-west-1/sts/aws4_request"));
    EXPECT_EQ(fixture.key_used(), "ROLE");
    EXPECT_EQ(find_header(fixture.transport.sent().back().request.headers, "X-Amz-Security-Token"), "token-of-ROLE");
}

TEST(AssumeRole, RolesMayBeChained) {
    Fixture fixture;
    fixture.machine.files[config_path] = "[profile a]\nrole_arn = arn:aws:iam::1:role/a\nsource_profile = b\n"
                                         "[profile b]\nrole_arn = arn:aws:iam::1:role/b\nsource_profile = c\n"
                                         "[profile c]\naws_access_key_id = C\naws_secret_access_key = not-told\n";
    fixture.options.profile = "a";
    fixture.transport.then(http_answer(200, sts_answer("AssumeRole", "B", "2026-01-02T04:04:05Z")));
    fixture.transport.then(http_answer(200, sts_answer("AssumeRole", "A", "2026-01-02T04:04:05Z")));
    EXPECT_EQ(fixture.key_used(), "A");
    const auto sent = fixture.transport.sent();
    ASSERT_EQ(sent.size(), 3U);
    EXPECT_THAT(sent[0].request.body, HasSubstr("role%2Fb"));
    EXPECT_THAT(std::string(find_header(sent[1].request.headers, "Authorization")), HasSubstr("Credential=B/"));
}

TEST(AssumeRole, ProfileMayNameItselfWhenItHasKeys) {
    Fixture fixture;
    fixture.machine.files[config_path] = "[default]\nrole_arn = arn:aws:iam::1:role/a\nsource_profile = default\n";
    fixture.machine.files[credentials_path] = "[default]\naws_access_key_id = OWN\naws_secret_access_key = not-told\n";
    fixture.answer_sts("AssumeRole", "ROLE");
    EXPECT_EQ(fixture.key_used(), "ROLE");
}

TEST(AssumeRole, RoleOfAFlagIsAssumedWithWhatIsFound) {
    Fixture fixture;
    fixture.machine.variables["AWS_ACCESS_KEY_ID"] = "ENV";
    fixture.machine.variables["AWS_SECRET_ACCESS_KEY"] = "not-told";
    fixture.options.role_arn = "arn:aws:iam::1:role/flag";
    fixture.options.external_id = "x";
    fixture.options.endpoint_url = "http://127.0.0.1:4510";
    fixture.answer_sts("AssumeRole", "ROLE");
    EXPECT_EQ(fixture.find(), "role arn:aws:iam::1:role/flag");
    const auto request = fixture.transport.sent().back().request;
    EXPECT_EQ(request.url, "http://127.0.0.1:4510/");
    EXPECT_THAT(request.body, HasSubstr("RoleSessionName=ecs-recycler-1767323045&DurationSeconds=3600&ExternalId=x"));
}

TEST(AssumeRole, MistakesInTheProfileAreNamed) {
    const std::pair<const char*, const char*> cases[] = {
        {"role_arn = R\n", "role_arn needs source_profile or credential_source"},
        {"role_arn = R\nsource_profile = b\ncredential_source = Environment\n",
         "it has source_profile and credential_source; remove one"},
        {"role_arn = R\nsource_profile = nobody\n", "there is no source_profile \"nobody\""},
        {"role_arn = R\ncredential_source = Moon\n",
         "credential_source \"Moon\" is not one of Environment, EcsContainer, Ec2InstanceMetadata"},
        {"role_arn = R\nsource_profile = b\nduration_seconds = 5\n",
         "duration_seconds \"5\" is not a number from 900 to 43200"},
        {"role_arn = R\nsource_profile = a\n", "source_profile \"a\" leads back to itself"},
        {"role_arn = R\nsource_profile = b\n[profile b]\nrole_arn = S\nsource_profile = a\n",
         "source_profile \"a\" leads back to itself"},
        {"role_arn = R\nsource_profile = b\nmfa_serial = arn:aws:iam::1:mfa/me\n", "(mfa_serial)"},
    };
    for (const auto& [text, message] : cases) {
        Fixture fixture;
        fixture.machine.files[config_path] = std::string("[profile a]\n") + text;
        fixture.options.profile = "a";
        const std::string said = fixture.find();
        EXPECT_THAT(said, StartsWith("profile a, role: ")) << text;
        EXPECT_THAT(said, HasSubstr(message)) << text;
    }
}

TEST(AssumeRole, SourceWithoutCredentialsIsExplained) {
    Fixture fixture;
    fixture.machine.files[config_path] = "[default]\nrole_arn = R\ncredential_source = Environment\n";
    EXPECT_EQ(fixture.find(), "profile default, role R: sts AssumeRole: no credentials found: environment "
                              "(AWS_ACCESS_KEY_ID is not set)");
}

TEST(AssumeRole, RefusalOfStsIsOneLine) {
    Fixture fixture;
    fixture.machine.files[config_path] = "[default]\nrole_arn = R\ncredential_source = Environment\n";
    fixture.machine.variables["AWS_ACCESS_KEY_ID"] = "ENV";
    fixture.machine.variables["AWS_SECRET_ACCESS_KEY"] = "not-told";
    fixture.options.profile = "default";
    fixture.transport.then(http_answer(403,
                                       "<ErrorResponse><Error><Code>AccessDenied</Code><Message>User: U is not "
                                       "authorized\nto perform: sts:AssumeRole</Message></Error></ErrorResponse>"));
    EXPECT_EQ(fixture.find(), "profile default, role R: sts AssumeRole: AccessDenied: User: U is not authorized to "
                              "perform: sts:AssumeRole");
}

TEST(WebIdentity, TokenFileIsExchangedWithoutASignature) {
    Fixture fixture;
    fixture.machine.variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = "/var/token";
    fixture.machine.variables["AWS_ROLE_ARN"] = "arn:aws:iam::1:role/pod";
    fixture.machine.variables["AWS_ROLE_SESSION_NAME"] = "pod-1";
    fixture.machine.files["/var/token"] = "a.b.c\n";
    fixture.answer_sts("AssumeRoleWithWebIdentity", "POD");
    EXPECT_EQ(fixture.find(), "web identity arn:aws:iam::1:role/pod");
    const auto request = fixture.transport.sent().back().request;
    EXPECT_EQ(request.body, "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole"
                            "%2Fpod&RoleSessionName=pod-1&DurationSeconds=3600&WebIdentityToken=a.b.c");
    EXPECT_EQ(find_header(request.headers, "Authorization"), "");
}

TEST(WebIdentity, ProfileMayNameTheTokenFileToo) {
    Fixture fixture;
    fixture.machine.files[config_path] = "[profile pod]\nrole_arn = R\nweb_identity_token_file = /t\n";
    fixture.machine.files["/t"] = "a.b.c";
    fixture.options.profile = "pod";
    fixture.answer_sts("AssumeRoleWithWebIdentity", "POD");
    EXPECT_EQ(fixture.find(), "web identity R");
}

TEST(WebIdentity, MissingPartsAreNamed) {
    Fixture fixture;
    fixture.machine.variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = "/var/token";
    EXPECT_THAT(fixture.find(), HasSubstr("web identity: there is a token file, but neither AWS_ROLE_ARN"));
    fixture.machine.variables["AWS_ROLE_ARN"] = "R";
    EXPECT_EQ(fixture.find(), "web identity R: cannot read /var/token: No such file or directory");
}

// An SSO profile with an sso-session, and the token that a login has left.
struct SsoFixture : Fixture {
    SsoFixture() {
        machine.files[config_path] = "[profile corp]\nsso_session = s\nsso_account_id = 123456789012\n"
                                     "sso_role_name = Read Only\n[sso-session s]\nsso_region = us-west-2\n"
                                     "sso_start_url = https://corp.awsapps.com/start\n";
        options.profile = "corp";
        write_token("2026-01-02T04:00:00Z");
    }

    void write_token(const std::string& expires_at) {
        machine.files["/fake/home/.aws/sso/cache/" + sha1_hex("s") + ".json"] =
            R"({"accessToken":"not-told","expiresAt":")" + expires_at + "\"}";
    }
};

TEST(Sso, TokenIsExchangedForTheCredentialsOfTheRole) {
    SsoFixture fixture;
    fixture.options.endpoint_url = "http://127.0.0.1:4510";
    fixture.transport.route_url("https://portal.sso.us-west-2.amazonaws.com/", [](const HttpRequest& request) {
        EXPECT_EQ(request.url,
                  "https://portal.sso.us-west-2.amazonaws.com/federation/credentials?role_name=Read%20Only&"
                  "account_id=123456789012");
        EXPECT_EQ(find_header(request.headers, "x-amz-sso_bearer_token"), "not-told");
        return http_answer(200, R"({"roleCredentials":{"accessKeyId":"SSO","secretAccessKey":"not-told",)"
                                R"("sessionToken":"t","expiration":1767330000000}})");
    });
    EXPECT_EQ(fixture.find(), "profile corp, SSO");
    EXPECT_EQ(fixture.key_used(), "SSO");
}

TEST(Sso, TokenThatIsMissingExpiredOrRefusedAsksForALogin) {
    SsoFixture fixture;
    const std::string advice = "; run: aws sso login --profile corp";
    fixture.write_token("2026-01-02T03:04:05Z");
    EXPECT_EQ(fixture.find(), "profile corp, SSO: the SSO token expired at 2026-01-02T03:04:05Z" + advice);
    fixture.write_token("2026-01-02T05:00:00Z");
    fixture.transport.then(http_answer(401, R"({"message":"Session token not found or invalid"})"));
    EXPECT_EQ(fixture.find(), "profile corp, SSO: the SSO token has been refused" + advice);
    fixture.write_token("some day");
    EXPECT_EQ(fixture.find(), "profile corp, SSO: the SSO token cannot be read" + advice);
    fixture.machine.files.erase("/fake/home/.aws/sso/cache/" + sha1_hex("s") + ".json");
    EXPECT_EQ(fixture.find(), "profile corp, SSO: the SSO token is missing" + advice);
}

TEST(Sso, MistakesInTheConfigurationAreNamed) {
    SsoFixture fixture;
    std::string& text = fixture.machine.files[config_path];
    text = "[profile corp]\nsso_account_id = 1\nsso_role_name = R\nsso_start_url = https://x\n";
    EXPECT_EQ(fixture.find(), "profile corp, SSO: sso_region is missing");
    text = "[profile corp]\nsso_session = t\nsso_account_id = 1\nsso_role_name = R\n";
    EXPECT_EQ(fixture.find(), "profile corp, SSO: there is no [sso-session t] in /fake/home/.aws/config");
    text = "[profile corp]\nsso_session = t\nsso_account_id = 1\nsso_role_name = R\nsso_region = a\n"
           "[sso-session t]\nsso_region = b\nsso_start_url = u\n";
    EXPECT_EQ(fixture.find(), "profile corp, SSO: sso_region differs between the profile and its sso-session");
}

TEST(Container, RelativeUriWinsAndTheTokenIsSent) {
    Fixture fixture;
    fixture.machine.variables["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/v2/credentials/uuid";
    fixture.machine.variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://127.0.0.1:1/other";
    fixture.machine.variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "Basic not-told";
    fixture.transport.then(http_answer(200, json_credentials("TASK")));
    EXPECT_EQ(fixture.find(), "container");
    const auto sent = fixture.transport.sent().back();
    EXPECT_EQ(sent.request.url, "http://169.254.170.2/v2/credentials/uuid");
    EXPECT_EQ(find_header(sent.request.headers, "Authorization"), "Basic not-told");
    EXPECT_TRUE(sent.options.bypass_proxy);
    EXPECT_EQ(sent.options.timeout, 2s);
}

TEST(Container, TokenFileWinsOverTheToken) {
    Fixture fixture;
    fixture.machine.variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://169.254.170.23/v1/credentials";
    fixture.machine.variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "no";
    fixture.machine.variables["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = "/var/token";
    fixture.machine.files["/var/token"] = "from-file\n";
    fixture.transport.then(http_answer(200, json_credentials("POD")));
    EXPECT_EQ(fixture.find(), "container");
    EXPECT_EQ(find_header(fixture.transport.sent().back().request.headers, "Authorization"), "from-file");
}

TEST(Container, HostsThatOthersCouldListenOnAreRefused) {
    for (const char* url : {"http://example.com/creds", "http://10.0.0.1/creds", "http://169.254.169.254/creds",
                            "http://127.0.0.1.example.com/creds", "http://localhost.example.com/", "nonsense"}) {
        Fixture fixture;
        fixture.machine.variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = url;
        EXPECT_THAT(fixture.find(), StartsWith("container: ")) << url;
        EXPECT_TRUE(fixture.transport.sent().empty()) << url;
    }
    for (const char* url : {"http://localhost:8080/c", "http://127.1.2.3/c", "http://[::1]:1/c",
                            "http://[fd00:ec2::23]/c", "https://example.com/c"}) {
        Fixture fixture;
        fixture.machine.variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = url;
        fixture.transport.then(http_answer(200, json_credentials("X")));
        EXPECT_EQ(fixture.find(), "container") << url;
    }
}

TEST(Container, ThreeAttemptsASecondApart) {
    Fixture fixture;
    fixture.machine.variables["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/x";
    fixture.transport.then(Error{ErrorKind::Unreachable, "refused", "", 0, false});
    fixture.transport.then(http_answer(500, ""));
    fixture.transport.then(http_answer(503, ""));
    EXPECT_EQ(fixture.find(), "container: HTTP 503");
    EXPECT_THAT(fixture.clock.sleeps(), ElementsAre(1s, 1s));
}

struct InstanceFixture : Fixture {
    InstanceFixture() { machine.variables.erase("AWS_EC2_METADATA_DISABLED"); }
};

TEST(Instance, VersionTwoAsksForATokenFirst) {
    InstanceFixture fixture;
    fixture.transport.then(http_answer(200, "imds-token"));
    fixture.transport.then(http_answer(200, "web-role\n"));
    fixture.transport.then(http_answer(200, json_credentials("EC2")));
    EXPECT_EQ(fixture.find(), "EC2 metadata");
    const auto sent = fixture.transport.sent();
    ASSERT_EQ(sent.size(), 3U);
    EXPECT_EQ(sent[0].request.method, "PUT");
    EXPECT_EQ(sent[0].request.url, "http://169.254.169.254/latest/api/token");
    EXPECT_EQ(find_header(sent[0].request.headers, "x-aws-ec2-metadata-token-ttl-seconds"), "21600");
    EXPECT_EQ(sent[1].request.url, "http://169.254.169.254/latest/meta-data/iam/security-credentials/");
    EXPECT_EQ(sent[2].request.url, "http://169.254.169.254/latest/meta-data/iam/security-credentials/web-role");
    EXPECT_EQ(find_header(sent[2].request.headers, "x-aws-ec2-metadata-token"), "imds-token");
    EXPECT_TRUE(sent[2].options.bypass_proxy);
    EXPECT_EQ(sent[2].options.timeout, 1s);
}

TEST(Instance, VersionOneIsUsedWhereTheTokenIsRefusedOrSwallowed) {
    const Result<HttpResponse> refusals[] = {http_answer(403, ""), http_answer(404, ""), http_answer(405, ""),
                                             std::unexpected(Error{ErrorKind::Timeout, "no answer", "", 0, true})};
    for (const auto& refusal : refusals) {
        InstanceFixture fixture;
        fixture.transport.then_call([&](const HttpRequest&) { return refusal; });
        fixture.transport.then(http_answer(200, "role"));
        fixture.transport.then(http_answer(200, json_credentials("EC2")));
        EXPECT_EQ(fixture.find(), "EC2 metadata");
        EXPECT_EQ(find_header(fixture.transport.sent().back().request.headers, "x-aws-ec2-metadata-token"), "");
    }
}

TEST(Instance, VersionOneMayBeForbidden) {
    InstanceFixture fixture;
    fixture.machine.variables["AWS_EC2_METADATA_V1_DISABLED"] = "true";
    fixture.transport.then(http_answer(404, ""));
    EXPECT_EQ(fixture.find(), "EC2 metadata: version 2 gave no token and version 1 is disabled");
}

TEST(Instance, NobodyListeningIsNoErrorButAReason) {
    InstanceFixture fixture;
    fixture.transport.then(Error{ErrorKind::Unreachable, "cannot reach http://169.254.169.254", "", 0, false});
    EXPECT_THAT(fixture.find(), HasSubstr("EC2 metadata (cannot reach http://169.254.169.254)"));
    EXPECT_EQ(fixture.transport.sent().size(), 1U);
}

TEST(Instance, InstanceWithoutARoleAndARoleWithoutCredentialsAreTold) {
    InstanceFixture fixture;
    fixture.transport.then(http_answer(200, "t"));
    fixture.transport.then(http_answer(404, "<html>"));
    EXPECT_THAT(fixture.find(), HasSubstr("EC2 metadata (the instance has no role: HTTP 404)"));
    fixture.transport.then(http_answer(200, "t"));
    fixture.transport.then(http_answer(200, "role"));
    fixture.transport.then(
        http_answer(200, R"({"Code":"AssumeRoleUnauthorizedAccess","Message":"EC2 cannot assume the role"})"));
    EXPECT_EQ(fixture.find(), "EC2 metadata: AssumeRoleUnauthorizedAccess: EC2 cannot assume the role");
}

TEST(Instance, EndpointTimeOutAndAttemptsCanBeSet) {
    InstanceFixture fixture;
    fixture.machine.variables["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"] = "IPv6";
    fixture.machine.variables["AWS_METADATA_SERVICE_TIMEOUT"] = "5";
    fixture.machine.variables["AWS_METADATA_SERVICE_NUM_ATTEMPTS"] = "2";
    fixture.transport.then(Error{ErrorKind::Unreachable, "refused", "", 0, false});
    fixture.transport.then(Error{ErrorKind::Unreachable, "refused", "", 0, false});
    EXPECT_THAT(fixture.find(), HasSubstr("EC2 metadata (refused)"));
    ASSERT_EQ(fixture.transport.sent().size(), 2U);
    EXPECT_EQ(fixture.transport.sent()[0].options.timeout, 5s);
    EXPECT_THAT(fixture.transport.sent()[0].request.url, StartsWith("http://[fd00:ec2::254]/latest/"));

    fixture.machine.variables["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = "http://127.0.0.1:1338/";
    fixture.transport.then(http_answer(400, ""));
    EXPECT_THAT(fixture.find(), HasSubstr("EC2 metadata (no token: HTTP 400)"));
    EXPECT_EQ(fixture.transport.sent()[2].request.url, "http://127.0.0.1:1338/latest/api/token");
}

} // namespace
} // namespace ecsr::aws
