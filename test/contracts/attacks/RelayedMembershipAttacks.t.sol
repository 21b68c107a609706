// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IMembershipRegistry as I} from "../../../contracts/interfaces/IMembershipRegistry.sol";
import {IRelayedMemberships as IRelayed} from "../../../contracts/interfaces/IRelayedMemberships.sol";
import {ISigned} from "../../../contracts/interfaces/ISigned.sol";
import {ITokenCustody} from "../../../contracts/interfaces/ITokenCustody.sol";
import {ContractWallet} from "../support/ContractWallet.sol";
import {MembershipFixture} from "../support/MembershipFixture.sol";

/// What mallory can do with what alice signed. Numbered like the list of attacks in docs/contracts.md.
contract RelayedMembershipAttacksTest is MembershipFixture {
    uint32 private constant HOME = 1;
    uint32 private constant MALLORYS = 2;
    uint256 private constant PRICE = 100 * (uint256(DEPOSIT) + FEE);
    uint40 private deadline;

    function setUp() public override {
        super.setUp();
        eq(goodOperator(carol), HOME, "home");
        eq(goodOperator(mallory), MALLORYS, "mallory's");
        nameNode(MALLORYS, mallory);
        deadline = uint40(block.timestamp) + 1_000;
    }

    function signed(I.Registration memory r) private view returns (bytes memory) {
        return signature(aliceKey, registry.registerDigest(r, PRICE, alice, deadline));
    }

    function test_attack09_aPermitUsedByAnotherFirstDoesNotStopTheRegistration() public {
        vm.prank(alice);
        token.approve(address(registry), 0);
        (uint8 v, bytes32 r, bytes32 s) = signPermit(aliceKey, address(registry), PRICE);
        I.Registration memory wanted = registration(commitmentOf(SECRET), 100, alice, HOME);
        bytes[] memory calls = new bytes[](2);
        calls[0] = abi.encodeCall(ITokenCustody.tryPermitFor, (alice, PRICE, block.timestamp, v, r, s));
        calls[1] = abi.encodeCall(IRelayed.registerFor, (wanted, PRICE, alice, deadline, signed(wanted)));
        vm.prank(mallory);
        registry.tryPermitFor(alice, PRICE, block.timestamp, v, r, s);
        vm.prank(bob);
        registry.multicall(calls);
        eq(registry.memberCount(), 1, "registered all the same");
    }

    function test_attack09_anAllowanceIsOfNoUseWithoutASignature() public {
        I.Registration memory r = registration(commitmentOf(SECRET), 100, mallory, MALLORYS);
        bytes memory sig = signature(malloryKey, registry.registerDigest(r, PRICE, alice, deadline));
        vm.startPrank(mallory); // alice has given the registry an unlimited allowance
        vm.expectRevert(abi.encodeWithSelector(ISigned.BadSignature.selector, alice));
        registry.registerFor(r, PRICE, alice, deadline, sig);
        vm.stopPrank();
        eq(token.balanceOf(alice), WEALTH, "alice keeps her tokens");
    }

    function test_attack10_aContractThatUnsignsCostsOnlyItsRelayerGas() public {
        ContractWallet wallet = new ContractWallet();
        fund(address(wallet));
        wallet.act(address(token), abi.encodeCall(token.approve, (address(registry), ANY_PRICE)));
        uint256 id = commitmentOf(SECRET);
        I.Registration memory r = registration(id, 100, address(wallet), HOME);
        bytes32 digest = registry.registerDigest(r, PRICE, address(wallet), deadline);
        wallet.sign(digest, true);
        wallet.sign(digest, false); // before the relayer's transaction
        vm.expectRevert(abi.encodeWithSelector(ISigned.BadSignature.selector, address(wallet)));
        registry.registerFor(r, PRICE, address(wallet), deadline, "");
        eq(registry.memberCount(), 0, "nothing happened");

        wallet.sign(digest, true);
        registry.registerFor(r, PRICE, address(wallet), deadline, "");
        wallet.sign(digest, false); // afterwards: too late to take anything back
        eq(uint8(registry.member(id, address(wallet)).state), uint8(I.State.Active), "stands");
        eq(token.balanceOf(address(registry)), PRICE, "is paid for");
    }

    function test_attack10_aKeyThatBecomesAContractSignsByItsCodeAlone() public {
        uint256 id = join(SECRET, 100, alice);
        bytes memory sig = signature(aliceKey, registry.exitDigest(id, alice, 0, deadline));
        vm.etch(alice, address(new ContractWallet()).code); // as with EIP-7702
        vm.expectRevert(abi.encodeWithSelector(ISigned.BadSignature.selector, alice));
        registry.exitFor(id, alice, deadline, sig);
        exit(id, alice); // the account itself still can
    }

    function test_attack14_nothingSignedCanBeChangedOnItsWay() public {
        I.Registration memory r = registration(commitmentOf(SECRET), 100, alice, HOME);
        bytes memory sig = signed(r);
        bytes memory refusal = abi.encodeWithSelector(ISigned.BadSignature.selector, alice);
        vm.startPrank(mallory);
        r.home = MALLORYS; // her fee to mallory
        vm.expectRevert(refusal);
        registry.registerFor(r, PRICE, alice, deadline, sig);
        (r.home, r.rateLimit) = (HOME, 1); // her price for less
        vm.expectRevert(refusal);
        registry.registerFor(r, PRICE, alice, deadline, sig);
        (r.rateLimit, r.holder) = (100, mallory); // her deposit to mallory
        vm.expectRevert(refusal);
        registry.registerFor(r, PRICE, alice, deadline, sig);
        (r.holder, r.idCommitment) = (alice, commitmentOf(SECRET + 1)); // mallory's commitment
        vm.expectRevert(refusal);
        registry.registerFor(r, PRICE, alice, deadline, sig);
        vm.stopPrank();
    }

    function test_attack14_noSignatureHoldsOnAnotherChainOrContract() public {
        uint256 id = join(SECRET, 100, alice);
        bytes memory sig = signature(aliceKey, registry.exitDigest(id, alice, 0, deadline));
        bytes memory refusal = abi.encodeWithSelector(ISigned.BadSignature.selector, alice);
        uint256 here = block.chainid;
        vm.chainId(here + 1);
        vm.expectRevert(refusal);
        registry.exitFor(id, alice, deadline, sig);
        vm.chainId(here);
        useRegistry(params()); // another deployment
        join(SECRET, 100, alice);
        vm.expectRevert(refusal);
        registry.exitFor(id, alice, deadline, sig);
    }

    /// A payer that signed one renewal pays one, whoever else renews, and however often it is submitted.
    function test_attack14_aRenewalIsPaidOnce() public {
        uint256 id = join(SECRET, 100, bob);
        uint40 expiry = registry.member(id, bob).expiry;
        bytes32 digest = registry.renewDigest(id, bob, expiry, 100 * FEE, alice, deadline);
        bytes memory sig = signature(aliceKey, digest);
        renew(id, bob);
        vm.prank(mallory);
        vm.expectRevert(abi.encodeWithSelector(ISigned.BadSignature.selector, alice));
        registry.renewFor(id, bob, 100 * FEE, alice, deadline, sig);
        eq(token.balanceOf(alice), WEALTH, "alice did not pay for a second term");
    }

    function test_attack15_squattingASignedRegistrationTakesNothingFromThePayer() public {
        I.Registration memory r = registration(commitmentOf(SECRET), 100, alice, HOME);
        bytes memory sig = signed(r);
        vm.prank(mallory); // sees it, and gives alice a smaller membership under the same commitment
        registry.register(r.idCommitment, 1, alice, 0, ANY_PRICE);
        vm.expectRevert(abi.encodeWithSelector(I.AlreadyRegistered.selector, r.idCommitment, alice));
        registry.registerFor(r, PRICE, alice, deadline, sig);
        eq(token.balanceOf(alice), WEALTH, "alice paid nothing");
        exit(r.idCommitment, alice);
        skip(EXIT_DELAY);
        registry.withdraw(r.idCommitment, alice);
        eq(token.balanceOf(alice), WEALTH + DEPOSIT, "and mallory's deposit is hers");
    }

    /// Nobody but the holder can use up a nonce that the holder signed with.
    function test_attack15_aStrangersRenewalDoesNotVoidWhatTheHolderSigned() public {
        uint256 id = join(SECRET, 100, alice);
        bytes memory sig = signature(aliceKey, registry.exitDigest(id, alice, 0, deadline));
        uint40 expiry = registry.member(id, alice).expiry;
        bytes32 digest = registry.renewDigest(id, alice, expiry, ANY_PRICE, mallory, deadline);
        registry.renewFor(id, alice, ANY_PRICE, mallory, deadline, signature(malloryKey, digest));
        registry.exitFor(id, alice, deadline, sig);
        eq(uint8(registry.member(id, alice).state), uint8(I.State.Exited), "exited");
    }

    function test_attack22_aDeadlineOrNonceDoesNotWrap() public {
        I.Registration memory r = registration(commitmentOf(SECRET), 100, alice, HOME);
        bytes32 digest = registry.registerDigest(r, PRICE, alice, type(uint40).max);
        bytes memory sig = signature(aliceKey, digest);
        // 40 bits are all that a call can carry: more is refused before it is read.
        bytes memory call = abi.encodeCall(registry.registerFor, (r, PRICE, alice, type(uint40).max, sig));
        call[4 + 6 * 32 + 26] = 0x01; // bit 40 of the deadline
        (bool done, ) = address(registry).call(call);
        ok(!done, "refused");
        registry.registerFor(r, PRICE, alice, type(uint40).max, sig);
    }

    function test_attack25_aHolderWithoutCoinExitsByAnybodysHelp() public {
        uint256 id = join(SECRET, 100, alice);
        endGoodStanding(HOME); // whatever the operators do
        bytes memory sig = signature(aliceKey, registry.exitDigest(id, alice, 0, deadline));
        vm.prank(bob);
        registry.exitFor(id, alice, deadline, sig);
        skip(EXIT_DELAY);
        vm.prank(bob);
        registry.withdraw(id, alice);
        eq(token.balanceOf(alice), WEALTH - 100 * FEE, "the deposit is back");
    }
}
