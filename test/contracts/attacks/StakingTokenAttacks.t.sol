// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {ITokenCustody} from "../../../contracts/interfaces/ITokenCustody.sol";
import {DenyToken, FeeToken, HookToken, Receiver, SilentToken} from "../support/HostileTokens.sol";
import {StakingFixture} from "../support/StakingFixture.sol";

/// Stake in tokens that do not behave. Numbered like the list of attacks in docs/contracts.md.
contract StakingTokenAttacksTest is StakingFixture {
    // --- 21: tokens that do not behave, and re-entrancy ---

    function test_attack21_feeOnTransferIsRefused() public {
        use(new FeeToken());
        vm.startPrank(alice);
        id = staking.createOperator(alice, alice, address(0));
        bytes memory inexact = abi.encodeWithSelector(ITokenCustody.InexactTransfer.selector, 1_000, 990);
        vm.expectRevert(inexact);
        staking.stake(id, 1, 1_000);
        vm.expectRevert(inexact);
        staking.delegate(id, 0, 1_000, 0);
        vm.stopPrank();
    }

    function test_attack21_tokenWithoutAnswersWorks() public {
        use(new SilentToken());
        begin();
        delegate(alice, 1_000);
        exit(alice);
        eq(token.balanceOf(alice), WEALTH, "in and out");
        staking.slash(id, 0, 100, 50, bob);
        eq(token.balanceOf(bob), WEALTH + 50, "rewarded");
        eq(staking.claimable(BURNED), 0, "burned");
    }

    function test_attack21_reentrancyOfDelegatorPayeeAndBeneficiary() public {
        use(new HookToken());
        Receiver evil = new Receiver();
        fund(address(evil));
        HookToken(address(token)).hook(address(evil));
        id = operatorWithStake(mallory, mallory, address(evil));
        vm.startPrank(mallory);
        staking.setTerms(id, 1, STAKE_THAW, 3_000);
        staking.setAdjudicator(id, 0, address(this), true);
        vm.stopPrank();
        evil.act(address(staking), abi.encodeCall(staking.delegate, (id, 1, 100, 1)));
        evil.act(address(staking), abi.encodeCall(staking.undelegate, (id, 1, 50e6)));
        skip(STAKE_THAW);

        bytes memory again = abi.encodeCall(staking.withdrawDelegation, (id, 1, address(evil)));
        evil.reenter(address(staking), again);
        staking.withdrawDelegation(id, 1, address(evil));
        refused(evil);
        eq(token.balanceOf(address(evil)), WEALTH - 50, "paid once");

        evil.reenter(address(staking), abi.encodeCall(staking.delegate, (id, 1, 10, 1)));
        vm.prank(alice);
        staking.addRewards(id, 1, 100); // the payee's cut calls it
        refused(evil);
        evil.reenter(address(staking), abi.encodeCall(staking.slash, (id, 0, 10, 5, address(evil))));
        staking.slash(id, 0, 100, 50, address(evil));
        refused(evil);
        evil.reenter(address(staking), abi.encodeCall(staking.stake, (id, 0, 10)));
        evil.act(address(staking), abi.encodeCall(staking.stake, (id, 0, 100)));
        refused(evil);
    }

    function refused(Receiver evil) private view {
        ok(!evil.reentered(), "the call back did not succeed");
        bytes4 guard = ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector;
        eq(bytes32(bytes4(evil.refusal())), bytes32(guard), "refused by the guard");
    }

    // --- 25: no exit is blocked ---

    function test_attack25_aDeniedOwnerDelegatorOrBeneficiaryBlocksNobody() public {
        use(new DenyToken());
        begin();
        DenyToken deny = DenyToken(address(token));
        delegate(alice, 1_000);
        uint128 shares = staking.delegation(id, 0, alice).shares;
        vm.prank(alice);
        staking.undelegate(id, 0, shares);
        vm.prank(mallory);
        staking.thaw(id, 0, MINIMUM_STAKE);
        skip(STAKE_THAW);
        address[4] memory all = [mallory, alice, bob, BURNED];
        for (uint256 i = 0; i < 4; ++i) deny.deny(all[i], true, DenyToken.Manner.Bomb);

        staking.slash(id, 0, 100, 50, bob);
        eq(staking.claimable(bob), 50, "the reward waits");
        eq(staking.claimable(BURNED), 50, "out of everybody's reach");
        staking.withdraw(id, 0);
        eq(staking.claimable(mallory), MINIMUM_STAKE - 100, "the stake waits");
        staking.withdrawDelegation(id, 0, alice);
        eq(staking.claimable(alice), 1_000, "the delegation waits");
        deny.deny(alice, false, DenyToken.Manner.Revert);
        staking.claim(alice);
        eq(token.balanceOf(alice), WEALTH, "and gets there");
    }
}
